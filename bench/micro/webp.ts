// WebP against JPEG at equal SSIM of luma: bytes, and megapixels per second of one core.
// Run: node bench/micro/webp.ts [methods, such as 0,2,3]

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { deflateSync } from 'node:zlib';
import { init } from '@jsquash/webp/encode.js';
import { defaultOptions, type EncodeOptions } from '@jsquash/webp/meta.js';
import jpegTurbo from '@julusian/jpeg-turbo';
import { encodeJpeg } from '../../src/encode/encoders/jpeg.ts';
import { type JpegQuality, jpegQualityOf } from '../../src/protocol/quality.ts';
import { decodeWebp } from '../../test/support/webp-decoder.ts';
import { createPhoto } from '../painter/photo.ts';
import type { Picture } from '../painter/picture.ts';
import { createRandom } from '../painter/random.ts';
import { meanSsim } from '../ssim.ts';

const METHODS = (process.argv[2] ?? '0,2,3').split(',').map(Number);
/** About the size of a rect that a thread encodes. */
const SIZE = { width: 1280, height: 192 };
const PX = SIZE.width * SIZE.height;
/** CPU time over which each speed is measured. */
const MEASURED_US = 200_000;
/** Halvings of the range 0-100 in the search for a quality, down to less than 1. */
const SEARCH_STEPS = 7;

const file = createRequire(import.meta.url).resolve('@jsquash/webp/codec/enc/webp_enc_simd.wasm');
const codec = await init(new WebAssembly.Module(new Uint8Array(readFileSync(file))));

/** A page: smooth gradients next to a photograph, and strokes of letters in four colours over both. */
function createPage({ width, height }: typeof SIZE): Picture {
  const page = createPhoto(width, height);
  const { pixels } = page;
  const random = createRandom(1);
  for (let y = Math.floor(height / 4); y < height; y++) {
    for (let x = 0; x < width / 2; x++) {
      const [red, green, blue] = [200 + (x * 40) / width, 200 - (y * 30) / height, 255 - (x * 60) / width];
      pixels[y * width + x] = (red << 16) | (green << 8) | blue;
    }
  }
  const colours = [0x101010, 0x2040c0, 0xb02020, 0x107030];
  for (let top = 0; top < height - 14; top += 18) {
    for (let left = 10; left < width - 10; left += 9) {
      if (random() < 0.25) continue;
      const colour = colours[Math.floor(random() * 4)]!;
      for (let stroke = 0; stroke < 3; stroke++) {
        const isUpright = random() < 0.5;
        const at = Math.floor(random() * (isUpright ? 6 : 12));
        for (let i = 0; i < (isUpright ? 12 : 7); i++) {
          const [x, y] = isUpright ? [left + at, top + i] : [left + i, top + at];
          pixels[y * width + x] = colour;
        }
      }
    }
  }
  return page;
}

function rgbaOf({ pixels }: Picture): Uint8Array {
  const rgba = new Uint8Array(PX * 4);
  for (let i = 0; i < PX; i++) {
    const pixel = pixels[i]!;
    rgba.set([(pixel >>> 16) & 0xff, (pixel >>> 8) & 0xff, pixel & 0xff, 255], i * 4);
  }
  return rgba;
}

const lumaOf = (rgba: Uint8Array): Float32Array =>
  Float32Array.from(
    { length: PX },
    (_, i) => 0.299 * rgba[i * 4]! + 0.587 * rgba[i * 4 + 1]! + 0.114 * rgba[i * 4 + 2]!,
  );

/** Mean error of the three colour channels, in steps of 255. */
function meanError(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < PX * 4; i++) if (i % 4 < 3) sum += Math.abs(a[i]! - b[i]!);
  return sum / (PX * 3);
}

const cpuUs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return user + system;
};

/** Speed in pixels per microsecond. */
function speedOf(encode: () => unknown): number {
  encode();
  const start = cpuUs();
  let rounds = 0;
  while (cpuUs() - start < MEASURED_US) {
    encode();
    rounds++;
  }
  return (rounds * PX) / (cpuUs() - start);
}

const round = (value: number, digits: number): string => value.toFixed(digits).padStart(digits + 4);

/** One way to encode a picture. */
interface Way {
  readonly name: string;
  readonly encode: () => Uint8Array;
  readonly decode: (encoded: Uint8Array) => Uint8Array;
}

function measure(name: string, picture: Picture): void {
  const rgba = rgbaOf(picture);
  const luma = lumaOf(rgba);
  const ssimOf = (decoded: Uint8Array): number =>
    meanSsim(luma, lumaOf(decoded), SIZE.width, SIZE.height) ?? Number.NaN;

  const report = ({ name, encode, decode }: Way, than?: number): void => {
    const encoded = Uint8Array.from(encode());
    const decoded = decode(encoded);
    const share = than ? `${Math.round((100 * encoded.length) / than)} %`.padStart(6) : '      ';
    console.log(
      `  ${name.padEnd(24)}${round(encoded.length / PX, 3)} B/px ${share}   SSIM ${round(ssimOf(decoded), 4)}` +
        `   off by ${round(meanError(rgba, decoded), 2)}   ${round(speedOf(encode), 1)} Mpx/s`,
    );
  };
  const jpeg = (quality: JpegQuality): Way => {
    const bytes = new Uint8Array(picture.pixels.buffer);
    return {
      name: `JPEG ${quality.quality} ${quality.subsampling}`,
      encode: () => encodeJpeg(bytes, SIZE.width, SIZE.height, SIZE.width, quality),
      decode: (encoded) => {
        const decoded = Buffer.alloc(PX * 4);
        jpegTurbo.decompressSync(Buffer.from(encoded), decoded, { format: jpegTurbo.FORMAT_RGBX });
        return decoded;
      },
    };
  };
  const webp = (title: string, options: Partial<EncodeOptions>): Way => ({
    name: title,
    encode: () => codec.encode(rgba, SIZE.width, SIZE.height, { ...defaultOptions, ...options })!,
    decode: (encoded) => decodeWebp(encoded).rgba,
  });
  /** The lowest quality with at least that SSIM. */
  const equalQuality = (method: number, ssim: number): number => {
    let [low, high] = [0, 100];
    for (let step = 0; step < SEARCH_STEPS; step++) {
      const quality = (low + high) / 2;
      const { encode, decode } = webp('', { method, quality });
      if (ssimOf(decode(encode())) < ssim) low = quality;
      else high = quality;
    }
    return high;
  };

  console.log(`\n${name}`);
  const levels = Array.from({ length: 10 }, (_, level) => jpegQualityOf(level));
  const least: JpegQuality = { quality: 10, subsampling: '4:2:0' };
  const moving: JpegQuality = { quality: 77, subsampling: '4:2:0' };
  for (const quality of [least, ...levels.slice(0, 6), moving, ...levels.slice(6)]) {
    const way = jpeg(quality);
    const encoded = Uint8Array.from(way.encode());
    const ssim = ssimOf(way.decode(encoded));
    report(way);
    for (const method of METHODS) {
      const found = equalQuality(method, ssim);
      report(
        webp(`  WebP ${found.toFixed(1)}, method ${method}`, { method, quality: found }),
        encoded.length,
      );
    }
  }
  console.log(`${name}, as it is sharpened`);
  for (const quality of [95, 98, 100]) report(webp(`WebP ${quality}, method 2`, { method: 2, quality }));
  report(webp('WebP 98, sharp YUV', { method: 2, quality: 98, use_sharp_yuv: 1 }));
  for (const method of [0, 1, 2])
    report(webp(`WebP lossless, method ${method}`, { lossless: 1, quality: 0, method }));
  const rgb = rgba.filter((_, i) => i % 4 < 3);
  report({ name: 'zlib 1', encode: () => deflateSync(rgb, { level: 1 }), decode: () => rgba });
}

measure('Photograph', createPhoto(SIZE.width, SIZE.height));
measure('Page of text over a photograph and gradients', createPage(SIZE));
