// Capture, compare and commit of a real X server, in milliseconds: 1920×1080 in a framebuffer of 3840×2160.
// Run: node bench/micro/capture.ts [rounds]

import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import type { Capture, CaptureOptions } from '../../src/desktop/desktop.ts';
import { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { startOwnDesktop } from '../../src/desktop/x11/x11-desktop.ts';

const ROUNDS = Number(process.argv[2] ?? 200);
const SIZE = { width: 1920, height: 1080 };

/** Pause between paintings, so that each is captured by itself. */
const PAUSE_MS = 5;

const report = join(mkdtempSync(join(tmpdir(), 'deskwire-bench-')), 'authority');
const desktop = await startOwnDesktop({
  size: SIZE,
  maxSize: { width: 3840, height: 2160 },
  run: `printf %s "$XAUTHORITY" > ${report}; exec sleep 1000`,
  log: pino({ level: 'warn' }),
});
await delay(500);
const cookie = readFileSync(readFileSync(report, 'utf8')).subarray(-16);
const painter = await XConnection.open({ display: desktop.display, cookie });
const gc = painter.client.AllocID();
painter.client.CreateGC(gc, painter.root, { foreground: 0 });
await desktop.capture({ commitAtOnce: true });

const percentile = (values: number[], p: number): string => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]!.toFixed(2).padStart(6);
};

async function measure(
  name: string,
  rect: number[],
  paints: boolean,
  options: CaptureOptions = {},
): Promise<void> {
  const columns = {
    'paint→damage': [] as number[],
    'capture() whole': [] as number[],
    screenshot: [] as number[],
    analysis: [] as number[],
    messages: [] as number[],
    'commit()': [] as number[],
    'paint→committed': [] as number[],
  };
  for (let round = 0; round < ROUNDS; round++) {
    await delay(PAUSE_MS);
    const damaged = once(desktop, 'damage');
    painter.client.ChangeGC(gc, { foreground: paints ? (round * 0x10305 + 1) & 0xffffff : 0x445566 });
    const start = performance.now();
    painter.client.PolyFillRectangle(painter.root, gc, rect);
    await damaged;
    const seen = performance.now();
    const capture: Capture = await desktop.capture(options);
    const captured = performance.now();
    await desktop.commit();
    const end = performance.now();
    const inThread = (capture.readUs + capture.compareUs) / 1000;
    columns['paint→damage'].push(seen - start);
    columns['capture() whole'].push(captured - seen);
    columns.screenshot.push(capture.readUs / 1000);
    columns.analysis.push(capture.compareUs / 1000);
    columns.messages.push(captured - seen - inThread);
    columns['commit()'].push(end - captured);
    columns['paint→committed'].push(end - start);
  }
  console.log(`\n${name}`);
  for (const [column, values] of Object.entries(columns)) {
    console.log(`  ${column.padEnd(16)} p50 ${percentile(values, 0.5)}   p95 ${percentile(values, 0.95)}`);
  }
}

const whole = [0, 0, SIZE.width, SIZE.height];
await measure('1080p, every pixel changed', whole, true);
await measure('1080p, every pixel changed, commitAtOnce', whole, true, { commitAtOnce: true });
await measure('1080p damaged, nothing changed', whole, false);
await measure('200×200 changed', [300, 300, 200, 200], true);
await measure('16×16 changed', [300, 300, 16, 16], true);
await measure('16×16 changed, commitAtOnce', [300, 300, 16, 16], true, { commitAtOnce: true });

await painter.close();
await desktop.close();
