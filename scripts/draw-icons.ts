/**
 * Draws the PNG icons of the page from src/client/icons/icon.svg, in Chromium. The results are committed, so that a build
 * needs no browser. Run this after a change of the drawing: `node scripts/draw-icons.ts`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launchChromium } from '../test/client/browser.ts';

const FOLDER = join(import.meta.dirname, '../src/client/icons');

/** Icons by their file. One that fills its square is cut to shape by the system that shows it. */
const ICONS = [
  { file: 'icon-180.png', sizePx: 180, fillsSquare: true, motif: 0.9 },
  { file: 'icon-192.png', sizePx: 192, fillsSquare: false, motif: 1 },
  { file: 'icon-512.png', sizePx: 512, fillsSquare: false, motif: 1 },
  // Only a circle of 80 % of the width is sure to be seen.
  { file: 'icon-maskable-512.png', sizePx: 512, fillsSquare: true, motif: 0.78 },
] as const;

const drawing = await readFile(join(FOLDER, 'icon.svg'), 'utf8');
const browser = await launchChromium();
try {
  for (const { file, sizePx, fillsSquare, motif } of ICONS) {
    const page = await browser.newPage({ viewport: { width: sizePx, height: sizePx } });
    const svg = drawing
      .replace('rx="7"', fillsSquare ? 'rx="0"' : 'rx="7"')
      .replace('id="motif"', `transform="translate(16 16) scale(${motif}) translate(-16 -16)"`);
    await page.setContent(`<style>html, body { margin: 0 } svg { display: block }</style>${svg}`);
    await writeFile(join(FOLDER, file), await page.screenshot({ omitBackground: true }));
    await page.close();
  }
} finally {
  await browser.close();
}
