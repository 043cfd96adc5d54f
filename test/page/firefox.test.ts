// The page in Firefox: connect, see, type, paste, scroll, reconnect. Chromium runs all other tests of the page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { difference } from '../support/compare-pictures.ts';
import { Firefox } from '../support/firefox.ts';
import { passesOnce } from '../support/limits.ts';
import { stablePort } from '../support/stable-port.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { visibleWindow } from '../support/visible-window.ts';
import { waitFor } from '../support/wait-for.ts';
import { pictureInX, pictureOf } from './open-page.ts';

const IN_XTERM = { x: 100, y: 60 };
const IN_XEV = { x: 120, y: 400 };

/** Has xterm paste by Ctrl+V, as most programs do. */
const PASTES = `-xrm 'XTerm*VT100.translations: #override Ctrl <Key>V: insert-selection(CLIPBOARD)'`;

let folder: string;
let data: string;
let server: RunningDeskwire;
let firefox: Firefox;

/** Without a window manager, the window under the pointer has the keyboard, and windows stay where they are put. */
const start = (port: number): Promise<RunningDeskwire> => {
  const programs = [
    `xsetroot -solid '#204060'`,
    `(xterm -u8 -fa 'DejaVu Sans Mono' -fs 10 -geometry 70x12+0+0 ${PASTES} -e 'cat > ${folder}/typed' &)`,
    `exec stdbuf -oL xev -event mouse -geometry 400x200+20+300 > ${folder}/mouse`,
  ];
  return startDeskwire({ data, port, flags: ['--size', '800x600', '--run', programs.join('; ')] });
};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskwire-firefox-'));
  data = await mkdtemp(join(tmpdir(), 'deskwire-data-'));
  const port = await stablePort();
  [server, firefox] = await Promise.all([start(port), Firefox.start(800, 600)]);
  await firefox.goto(server.url);
  await waitFor('the form', () => firefox.evaluate<boolean>(`document.querySelector('#user') !== null`));
  const { name, password } = server.owner;
  await firefox.evaluate(`(() => {
    document.querySelector('#user').value = ${JSON.stringify(name)};
    document.querySelector('#password').value = ${JSON.stringify(password)};
    document.querySelector('#submit').click();
  })()`);
  await showsDesktop();
  for (const program of ['xterm', 'Event Tester']) await visibleWindow(server.xEnvironment(), program);
  // Once: clicks that follow each other fast would mark text in xterm, which then is what the user has copied.
  await firefox.click(IN_XTERM.x, IN_XTERM.y);
});

after(async () => {
  await firefox?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
  await rm(data, { recursive: true, force: true });
});

/** Resolves when no card covers the picture. */
const showsDesktop = (): Promise<boolean> =>
  waitFor('the desktop', () =>
    firefox.evaluate<boolean>(`document.querySelector('#overlay')?.dataset.kind === 'none'`),
  );

/** Resolves when Firefox shows every pixel as X has it. */
const showsWhatXHas = (): Promise<boolean> =>
  waitFor('the same picture', async () => {
    const [shown, inX] = [await pictureOf(firefox), await pictureInX(server)];
    return shown.width === inX.width && difference(shown, inX).worst === 0;
  });

function written(name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return '';
  }
}

/** Does something in the page. Resolves with the line that a program reads from its terminal then. */
async function lineOf(what: string, act: () => Promise<void>): Promise<string> {
  const before = written('typed');
  await act();
  await firefox.type('\uE007');
  const all = await waitFor(what, () => {
    const now = written('typed');
    return now.length > before.length && now.endsWith('\n') && now;
  });
  return all.slice(before.length, -1);
}

test('Firefox shows every pixel of the desktop as X has it', async () => {
  await showsWhatXHas();
});

for (const text of ['Deskwire {[@~\\|]}', 'Grüße, 5 € für Ölfässer', 'Привет']) {
  test(`a program in a terminal reads what was typed in Firefox: ${text}`, async () => {
    assert.equal(await lineOf(text, () => firefox.type(text)), text);
  });
}

test('a program pastes what was copied in Firefox', async () => {
  const text = 'copied in Firefox – жук';
  await firefox.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  // A terminal asks for the text when it has the key, and may take the next key before it has the text.
  await passesOnce(async () => {
    const line = await lineOf('the paste', () => firefox.control('v'));
    return line === text ? undefined : `the line was ${JSON.stringify(line)}`;
  });
});

test('each notch of the wheel in Firefox is a notch on the desktop', async () => {
  const notches = (): number =>
    written('mouse').match(/^ButtonPress event(?:.+\n)*?.*button 5,/gm)?.length ?? 0;
  const before = notches();
  await firefox.wheel(IN_XEV.x, IN_XEV.y, 300);
  await waitFor('notches', () => notches() > before);
});

test('the page in Firefox says that the server is gone, and shows the desktop again when it is back', async () => {
  await server.stop('SIGKILL');
  await waitFor('the countdown', () =>
    firefox.evaluate<boolean>(`/Trying again in/.test(document.querySelector('#overlay').textContent)`),
  );
  server = await start(server.port);
  await showsDesktop();
  await showsWhatXHas();
});
