import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import createDecoder from '@jsquash/webp/codec/dec/webp_dec.js';
import { initEmscriptenModule } from '@jsquash/webp/utils.js';

// The package fetches its WebAssembly by URL, for browsers. Here it is read from its folder.
const file = createRequire(import.meta.url).resolve('@jsquash/webp/codec/dec/webp_dec.wasm');
const decoder = await initEmscriptenModule(
  createDecoder,
  new WebAssembly.Module(new Uint8Array(readFileSync(file))),
);

/** Returns a WebP file's size and pixels: red, green, blue, alpha. Throws if the file is damaged. */
export function decodeWebp(file: Uint8Array): { width: number; height: number; rgba: Uint8Array } {
  const image = decoder.decode(file);
  if (!image) throw new Error('A damaged WebP.');
  const { width, height, data } = image;
  return { width, height, rgba: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}
