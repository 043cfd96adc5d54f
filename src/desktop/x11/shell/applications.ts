import type { Size } from '../../../pixels/rect.ts';

/** A program that the panel and the menu open. */
export interface Application {
  readonly name: string;
  /** Name of its icon, without `.svg`. */
  readonly icon: 'terminal' | 'files' | 'browser';
  /** Command line, as desktop entries and Openbox split it: words may have single quotes. */
  readonly command: string;
}

/** Cell of the terminal's font at the usual dots per inch, and the room that a terminal leaves at the edges of the screen, in pixels. */
const CELL = { width: 9, height: 18 } as const;
const MARGIN = { width: 120, height: 160 } as const;

/** Columns and rows of a terminal. On a phone it has fewer, so that its window fits. */
const MOST_CELLS = { width: 100, height: 30 } as const;
const LEAST_CELLS = { width: 20, height: 6 } as const;

/** Returns the command line of the terminal, for a desktop of this size that is `scale` times as large as usual. */
export function terminalCommand(size: Size, scale = 1): string[] {
  const cells = (side: keyof Size): number => {
    const fitting = Math.floor((size[side] - Math.min(MARGIN[side], size[side] / 5)) / (CELL[side] * scale));
    return Math.max(LEAST_CELLS[side], Math.min(MOST_CELLS[side], fitting));
  };
  return [
    'xterm',
    '-u8',
    ...['-fa', 'DejaVu Sans Mono', '-fs', '11'],
    ...['-bg', '#1b2836', '-fg', '#e6edf3', '-cr', '#7cc4ff'],
    ...['-geometry', `${cells('width')}x${cells('height')}`],
    ...['-title', 'Terminal'],
    // Text that is selected with the mouse goes to the clipboard, so that Ctrl+V pastes it, in the browser too.
    ...['-xrm', 'XTerm*selectToClipboard: true'],
    ...['-xrm', 'XTerm*internalBorder: 8'],
    ...['-xrm', 'XTerm*scrollBar: false'],
    ...['-xrm', 'XTerm*iconHint: none'],
  ];
}

/** File managers and browsers, the preferred ones first. Chromium needs rights that containers often deny. */
const FILES = ['pcmanfm', 'thunar', 'nautilus', 'nemo', 'caja', 'dolphin'] as const;
const BROWSERS = [
  ...['firefox-esr', 'firefox', 'epiphany-browser', 'falkon', 'chromium', 'google-chrome', 'netsurf-gtk'],
  'dillo',
] as const;

/** Returns the programs that the desktop offers, of those that are installed. */
export function findApplications(
  isInstalled: (program: string) => boolean,
  size: Size,
  scale = 1,
): Application[] {
  const terminal = terminalCommand(size, scale)
    .map((word) => (/[^\w./-]/.test(word) ? `'${word}'` : word))
    .join(' ');
  const files = FILES.find(isInstalled);
  const browser = BROWSERS.find(isInstalled);
  return [
    { name: 'Terminal', icon: 'terminal', command: terminal },
    ...(files ? [{ name: 'Files', icon: 'files', command: files } as const] : []),
    ...(browser ? [{ name: 'Browser', icon: 'browser', command: browser } as const] : []),
  ];
}
