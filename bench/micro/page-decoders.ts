/**
 * Ways in which the page can decode the JPEG bands of a 1080p film and draw them on a 2D canvas, in Chromium that draws
 * by software: time and CPU for a frame, and what reading one pixel back costs after it.
 *
 *     node bench/micro/page-decoders.ts [frames]
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { encodeJpeg } from '../../src/encode/encoders/jpeg.ts';
import { launchChromium } from '../../test/client/browser.ts';
import { createPhoto } from '../painter/photo.ts';
import { readUsage } from '../process-usage.ts';
import { median } from '../statistics.ts';

const SIZE = { width: 1920, height: 1080 };
/** Heights of the bands into which the server cuts a whole frame. */
const BANDS = [64, 64, 128, 128, 192, 192, 192, 120];
/** Frames of which each is decoded in turn, so that no cache of the browser has it. */
const DIFFERENT = 4;
const FRAMES = Number(process.argv[2] ?? 40);
const QUALITY = 79;

const photo = createPhoto(SIZE.width + DIFFERENT * 8, SIZE.height);

function bandsOf(frame: number): string[] {
  let top = 0;
  return BANDS.map((height) => {
    const pixels = new Uint32Array(SIZE.width * height);
    for (let y = 0; y < height; y++) {
      const from = (top + y) * photo.width + frame * 8;
      pixels.set(photo.pixels.subarray(from, from + SIZE.width), y * SIZE.width);
    }
    top += height;
    const bytes = new Uint8Array(pixels.buffer);
    const options = { quality: QUALITY, subsampling: '4:2:0' } as const;
    return Buffer.from(encodeJpeg(bytes, SIZE.width, height, SIZE.width, options)).toString('base64');
  });
}

/** Ways to decode, as functions of the page: from the bytes of a band to something that drawImage takes. */
const WAYS = {
  'createImageBitmap of a Blob': `(data) => createImageBitmap(new Blob([data], { type: 'image/jpeg' }),
    { colorSpaceConversion: 'none', premultiplyAlpha: 'none' })`,
  'createImageBitmap, no options': `(data) => createImageBitmap(new Blob([data], { type: 'image/jpeg' }))`,
  ImageDecoder: `async (data) => {
    const decoder = new ImageDecoder({ data, type: 'image/jpeg', colorSpaceConversion: 'none' });
    const { image } = await decoder.decode();
    decoder.close();
    return image;
  }`,
  'ImageDecoder, page converts': `async (data) => {
    const decoder = new ImageDecoder({ data, type: 'image/jpeg', colorSpaceConversion: 'none' });
    const { image } = await decoder.decode();
    decoder.close();
    const { displayWidth: width, displayHeight: height } = image;
    const bytes = new Uint8Array(image.allocationSize());
    const planes = await image.copyTo(bytes);
    image.close();
    return { drawOn: (context, x, y) => kernel.convert({ width, height, bytes, planes },
      (pixels, top) => context.putImageData(new ImageData(pixels, width), x, y + top)) };
  }`,
  'img with a data URL': `async (data) => {
    let text = '';
    for (let at = 0; at < data.length; at += 32768) text += String.fromCharCode(...data.subarray(at, at + 32768));
    const image = new Image();
    image.src = 'data:image/jpeg;base64,' + btoa(text);
    await image.decode();
    return image;
  }`,
  'img with a blob URL': `async (data) => {
    const url = URL.createObjectURL(new Blob([data], { type: 'image/jpeg' }));
    const image = new Image();
    image.src = url;
    await image.decode();
    URL.revokeObjectURL(url);
    return image;
  }`,
} as const;

const PREPARE = `(frames) => {
  document.body.style.margin = 0;
  document.body.innerHTML = '<canvas width=${SIZE.width} height=${SIZE.height}></canvas>';
  const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  globalThis.frames1 = frames.map((bands) => bands.map(bytesOf));
  globalThis.context = document.querySelector('canvas').getContext('2d', { alpha: false });
}`;

/** Script that makes the page's own kernel for colours. */
async function kernelScript(): Promise<string> {
  const decoders = new URL('../../src/client/decoders/', import.meta.url);
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('yuv-kernel.ts', decoders))],
    bundle: true,
    format: 'iife',
    globalName: 'yuv',
    write: false,
  });
  const module = (await readFile(new URL('yuv.wasm', decoders))).toString('base64');
  const bytes = `Uint8Array.from(atob('${module}'), (letter) => letter.charCodeAt(0))`;
  return `${outputFiles[0]!.text}; (async () => { globalThis.kernel = await yuv.YuvKernel.create(${bytes}); })()`;
}

const RUN = (way: string): string => `(async () => {
  const decode = ${way};
  const heights = ${JSON.stringify(BANDS)};
  const times = { decode: [], draw: [], read: [], frame: [] };
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
  for (let i = 0; i < ${FRAMES}; i++) {
    const start = performance.now();
    const images = await Promise.all(frames1[i % ${DIFFERENT}].map((data) => decode(data)));
    const decoded = performance.now();
    let y = 0;
    for (const [b, image] of images.entries()) {
      if (image.drawOn) image.drawOn(context, 0, y);
      else context.drawImage(image, 0, y, ${SIZE.width}, heights[b]);
      image.close?.();
      y += heights[b];
    }
    const drawn = performance.now();
    context.getImageData(8, 8, 384, 1);
    const read = performance.now();
    await nextFrame();
    times.decode.push(decoded - start);
    times.draw.push(drawn - decoded);
    times.read.push(read - drawn);
    times.frame.push(performance.now() - start);
  }
  return times;
})()`;

const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: SIZE });
  // ImageDecoder exists in secure contexts only.
  await page.route('http://localhost/', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
  );
  await page.goto('http://localhost/');
  const frames = Array.from({ length: DIFFERENT }, (_, i) => bandsOf(i));
  await page.evaluate(await kernelScript());
  await page.evaluate(`(${PREPARE})(${JSON.stringify(frames)})`);
  const before = readUsage(process.pid);
  console.log(`${SIZE.width}x${SIZE.height}, ${BANDS.length} bands, medians of ${FRAMES} frames in ms`);
  console.log(
    'way'.padEnd(32),
    ...['decode', 'draw', 'read', 'shown', 'CPU'].map((title) => title.padStart(8)),
  );
  let cpu = before.cpuSeconds;
  for (const [name, way] of Object.entries(WAYS)) {
    const times = await page.evaluate<Record<string, number[]>>(RUN(way));
    const now = readUsage(process.pid).cpuSeconds;
    const cells = ['decode', 'draw', 'read', 'frame'].map((key) => median(times[key]!)!);
    const all = [...cells, ((now - cpu) * 1000) / FRAMES];
    console.log(name.padEnd(32), ...all.map((value) => value.toFixed(1).padStart(8)));
    cpu = now;
  }
} finally {
  await browser.close();
}
