import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { startOwnDesktop } from '../../../src/desktop/x11/x11-desktop.ts';
import { areaPx, type Size } from '../../../src/pixels/rect.ts';
import { shownPixels } from '../../../src/pixels/shared-frame.ts';
import type { Picture } from '../../painter/picture.ts';

/** Look of the text of a real terminal. */
export interface TextLook {
  readonly name: string;
  /** xterm's font: a core X font, or a scalable one. */
  readonly font: readonly string[];
  /** X resources, one per line. */
  readonly resources: readonly string[];
  /** Whether words have different colours, as with syntax highlighting. */
  readonly highlighted: boolean;
}

const SCALABLE = ['-fa', 'DejaVu Sans Mono', '-fs', '11'];

const SMOOTH = ['Xft.antialias: 1', 'Xft.hinting: 1', 'Xft.hintstyle: hintslight'];

/** The looks of text, from the fewest colours to the most. */
export const BITMAP: Omit<TextLook, 'highlighted'> = {
  name: 'bitmap font, not smoothed',
  font: ['-fn', '9x15'],
  resources: [],
};
export const GREY_EDGES: Omit<TextLook, 'highlighted'> = {
  name: 'grey edges, hinted',
  font: SCALABLE,
  resources: [...SMOOTH, 'Xft.rgba: none'],
};
export const UNHINTED: Omit<TextLook, 'highlighted'> = {
  name: 'grey edges, not hinted',
  font: SCALABLE,
  resources: ['Xft.antialias: 1', 'Xft.hinting: 0', 'Xft.rgba: none'],
};
export const SUBPIXEL: Omit<TextLook, 'highlighted'> = {
  name: 'subpixel edges',
  font: SCALABLE,
  resources: [...SMOOTH, 'Xft.rgba: rgb', 'Xft.lcdfilter: lcddefault'],
};

/** Time without drawing after which a screen counts as complete. */
const QUIET_MS = 500;
const LONGEST_MS = 10_000;

/** A screen full of source code in a real terminal, on a dark background. Starts and ends an X server of its own. */
export async function screenText(size: Size, look: TextLook): Promise<Picture> {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-bench-'));
  const resources = join(folder, 'resources');
  writeFileSync(resources, look.resources.map((line) => `${line}\n`).join(''));
  const text = join(folder, 'text');
  writeFileSync(text, sourceText(look.highlighted));
  const quoted = [
    ...look.font,
    '-geometry',
    `${Math.ceil(size.width / 7)}x${Math.ceil(size.height / 13)}+0+0`,
  ]
    .map((word) => `'${word}'`)
    .join(' ');
  const colours = `-b 0 -bd '#1e2227' -bg '#1e2227' -fg '#d8dce0' +sb`;
  const desktop = await startOwnDesktop({
    size,
    maxSize: size,
    run: `XENVIRONMENT=${resources} exec xterm ${quoted} ${colours} -e "tput rmam; cat ${text}; sleep 1000"`,
    log: pino({ level: 'fatal' }),
  });
  try {
    let lastMs = performance.now();
    const endMs = lastMs + LONGEST_MS;
    let drawn = false;
    while ((!drawn || performance.now() - lastMs < QUIET_MS) && performance.now() < endMs) {
      await delay(50);
      const { changed, resized } = await desktop.capture({ commitAtOnce: true });
      // The terminal is shown once a large part of the screen differs from the root window.
      if (!resized && changed.areaPx > areaPx(size) / 4) drawn = true;
      if (!changed.isEmpty) lastMs = performance.now();
    }
    if (!drawn) throw new Error('xterm has drawn nothing.');
    const shown = shownPixels(desktop.frame, size);
    return { ...size, pixels: new Uint32Array(shown.slice().buffer, 0, areaPx(size)) };
  } finally {
    await desktop.close();
    rmSync(folder, { recursive: true });
  }
}

/** Folder of the code to show. Several lines are joined into each row, so that they fill a wide screen. */
const FILES = new URL('../../../src/protocol/', import.meta.url);
const LINE_COLUMNS = 100;
const LINES_BESIDE = 5;

/** Rows of real code, no two alike. With highlighting, every third word has one of seven colours. */
function sourceText(highlighted: boolean): string {
  const code = readdirSync(FILES)
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .flatMap((name) => readFileSync(new URL(name, FILES), 'utf8').split('\n'))
    .filter((line) => line.trim() !== '');
  const rows = Math.floor(code.length / LINES_BESIDE);
  const lines = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: LINES_BESIDE }, (_, i) =>
      code[i * rows + row]!.slice(0, LINE_COLUMNS).padEnd(LINE_COLUMNS),
    ).join(' '),
  );
  const text = highlighted ? lines.map(inColours) : lines;
  return `${text.join('\r\n')}\u001b[?25l`;
}

function inColours(line: string): string {
  let word = 0;
  return line.replaceAll(/\S+/g, (letters) => {
    const colour = word++ % 3 === 0 ? 31 + (letters.length % 7) : 39;
    return `\u001b[${colour}m${letters}`;
  });
}
