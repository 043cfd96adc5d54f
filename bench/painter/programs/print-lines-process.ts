/** Prints numbered lines at the rate of its first argument; its second decides their content. Runs in a terminal. */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../clock.ts';
import { createRandom } from '../random.ts';

/** Time between two writes, in ms. Programs write whole buffers, not single lines. */
const WRITE_MS = 5;
/** Most lines of a write. After a pause, the printer does not catch up. */
const MOST_LINES = 200;

const [rate = '2000', seed = '1'] = process.argv.slice(2);
const random = createRandom(Number(seed));
const COLOURS = [0, 0, 0, 31, 32, 33, 36];
let line = 0;
let printedAtMs = monotonicMs();
while (true) {
  await sleep(WRITE_MS);
  const nowMs = monotonicMs();
  const due = Math.floor(((nowMs - printedAtMs) * Number(rate)) / 1000);
  if (!due) continue;
  printedAtMs = due > MOST_LINES ? nowMs : printedAtMs + (due * 1000) / Number(rate);
  let text = '';
  for (let i = Math.min(due, MOST_LINES); i > 0; i--) {
    const colour = COLOURS[Math.floor(random() * COLOURS.length)];
    const words = Array.from({ length: 1 + Math.floor(random() * 12) }, () =>
      Math.floor(random() * 2 ** 30).toString(36),
    );
    text += `${String(line++).padStart(7, '0')} \x1b[${colour}m${words.join(' ')}\x1b[0m\r\n`;
  }
  writeAll(Buffer.from(text));
}

function writeAll(bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}
