import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A program of the desktop that takes text. */
export interface TypingField {
  readonly name: string;
  /** Shell command that runs it in the desktop. */
  readonly command: string;
  /** All that was typed. Undefined until the program runs. Lines that are not ended may be missing. */
  typed(): string | undefined;
  close(): void;
}

/** A key event of a page. */
export interface PageKeyEvent {
  readonly type: 'keydown' | 'keyup';
  readonly key: string;
  readonly code: string;
  readonly repeat: boolean;
}

const GTK_FIELD = fileURLToPath(new URL('./gtk-field.py', import.meta.url));

/** A terminal with a program that writes each line to a file. */
export function xtermField(folder: string): TypingField {
  const file = join(folder, 'xterm.txt');
  return {
    name: 'xterm',
    command: `xterm -u8 -fa 'DejaVu Sans Mono' -geometry 80x24+0+0 -e 'stty -echo -icanon min 1; cat > ${file}'`,
    typed: () => contents(file),
    close: () => undefined,
  };
}

/** A text area of GTK 3 or 4, by Python. */
export function gtkField(folder: string, version: '3.0' | '4.0'): TypingField {
  const file = join(folder, `gtk-${version}.txt`);
  return {
    name: `GTK ${version[0]}`,
    // GTK 4 would draw with OpenGL, in software here, which takes longer than the text.
    command: `env GSK_RENDERER=cairo /usr/bin/python3 ${GTK_FIELD} ${version} ${file}`,
    typed: () => contents(file),
    close: () => undefined,
  };
}

/** A text area in Chromium, which reports its key events, too. */
export async function chromiumField(
  folder: string,
): Promise<TypingField & { readonly events: PageKeyEvent[] }> {
  const events: PageKeyEvent[] = [];
  let text: string | undefined;
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(PAGE);
      return;
    }
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      const said = JSON.parse(body) as { text: string; events: PageKeyEvent[] };
      ({ text } = said);
      events.push(...said.events);
      response.end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const flags = [
    ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--no-default-browser-check', '--test-type'],
    ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ...['--password-store=basic', '--ozone-platform=x11', '--window-position=0,0', '--window-size=640,480'],
  ];
  return {
    name: 'Chromium',
    command: `chromium ${flags.join(' ')} --user-data-dir=${join(folder, 'chromium')} --app=http://127.0.0.1:${port}/`,
    typed: () => text,
    events,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Milliseconds between two messages of the page. A smaller value would keep a core busy with them while text arrives. */
const PAGE_REPORTS_MS = 20;

/**
 * Characters from which the page empties its text area. Chromium lays a whole text area out for each character, and looks
 * for a font for each of it that no font has: thousands of them would take seconds each.
 */
const PAGE_CHARACTERS = 300;

/** Sends what happened, one message at a time and in order. */
const PAGE = `<!doctype html><title>typing</title><textarea autofocus style="width:95vw;height:90vh"></textarea><script>
const area = document.querySelector('textarea');
let before = '', events = [], isDue = true;
async function send() {
  isDue = false;
  const sent = events;
  events = [];
  try {
    await fetch('/', { method: 'POST', body: JSON.stringify({ text: before + area.value, events: sent }) });
  } catch {
    events = [...sent, ...events];
    isDue = true;
  }
}
async function run() {
  for (;;) {
    if (isDue) await send();
    await new Promise((resolve) => setTimeout(resolve, ${PAGE_REPORTS_MS}));
  }
}
for (const type of ['keydown', 'keyup']) addEventListener(type, ({ key, code, repeat }) => {
  events.push({ type, key, code, repeat });
  isDue = true;
});
area.addEventListener('input', () => {
  if (area.value.length >= ${PAGE_CHARACTERS}) {
    before += area.value;
    area.value = '';
  }
  isDue = true;
});
run();
</script>`;

/** What a file has, or undefined without a file. */
export function contents(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
