/**
 * Ways in which the page can copy parts of its canvas to other places of it, as CopyRect says: time and CPU for an
 * update of many copies, in Chromium that draws by software.
 *
 *     node bench/micro/page-copies.ts [copies] [updates]
 */
import { launchChromium } from '../../test/client/browser.ts';
import { readUsage } from '../process-usage.ts';
import { median } from '../statistics.ts';

const SIZE = { width: 1920, height: 1080 };
const COPIES = Number(process.argv[2] ?? 20);
const UPDATES = Number(process.argv[3] ?? 20);
/** Rows by which everything moves up. */
const STEP = 7;

/** Ways to carry out `copies` on `context`, of `canvas`. `other` is a canvas of the same size, with `otherContext`. */
const WAYS = {
  'drawImage of the canvas itself': `for (const { x, y, w, h } of copies)
    context.drawImage(canvas, x, y + ${STEP}, w, h, x, y, w, h);`,
  'through another canvas, all at once': `
    otherContext.drawImage(canvas, 0, 0);
    for (const { x, y, w, h } of copies) context.drawImage(other, x, y + ${STEP}, w, h, x, y, w, h);`,
  'through another canvas, one by one': `for (const { x, y, w, h } of copies) {
    otherContext.drawImage(canvas, x, y + ${STEP}, w, h, 0, 0, w, h);
    context.drawImage(other, 0, 0, w, h, x, y, w, h);
  }`,
  'getImageData and putImageData': `for (const { x, y, w, h } of copies)
    context.putImageData(context.getImageData(x, y + ${STEP}, w, h), x, y);`,
} as const;

const RUN = (way: string): string => `(async () => {
  const create = () => {
    const canvas = document.createElement('canvas');
    canvas.width = ${SIZE.width};
    canvas.height = ${SIZE.height};
    return canvas;
  };
  const [canvas, other] = [create(), create()];
  document.body.replaceChildren(canvas);
  const context = canvas.getContext('2d', { alpha: false });
  const otherContext = other.getContext('2d', { alpha: false });
  context.fillStyle = 'teal';
  context.fillRect(100, 100, 900, 900);
  const h = Math.floor((${SIZE.height} - ${STEP}) / ${COPIES});
  const copies = Array.from({ length: ${COPIES} }, (_, i) => ({ x: 0, y: i * h, w: ${SIZE.width}, h }));
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
  const times = [];
  for (let i = 0; i < ${UPDATES}; i++) {
    const start = performance.now();
    ${way}
    context.getImageData(8, 8, 384, 1);
    times.push(performance.now() - start);
    await nextFrame();
  }
  return times;
})()`;

const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: SIZE });
  console.log(
    `${SIZE.width}x${SIZE.height}, ${COPIES} copies of all rows, median of ${UPDATES} updates in ms`,
  );
  console.log('way'.padEnd(40), 'time'.padStart(8), 'CPU'.padStart(8));
  for (const [name, way] of Object.entries(WAYS)) {
    const before = readUsage(process.pid).cpuSeconds;
    const times = await page.evaluate<number[]>(RUN(way));
    const cpuMs = ((readUsage(process.pid).cpuSeconds - before) * 1000) / UPDATES;
    console.log(name.padEnd(40), median(times)!.toFixed(1).padStart(8), cpuMs.toFixed(1).padStart(8));
  }
} finally {
  await browser.close();
}
