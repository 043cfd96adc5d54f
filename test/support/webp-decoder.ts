import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import createDecoder from '@jsquash/webp/codec/dec/webp_dec.js';
import { initEmscriptenModule } from '@jsquash/webp/utils.js';

// The package fetches its WebAssembly by address, which is for browsers; here it is read from its folder.
const file = createRequire(import.meta.url).resolve('@jsquash/webp/codec/dec/webp_dec.wasm');
const decoder = await initEmscriptenModule(
  createDecoder,
  new WebAssembly.Module(new Uint8Array(readFileSync(file))),
);

/** A WebP file's size and its pixels: red, green, blue, alpha. Throws for one that is damaged. */
export function decodeWebp(file: Uint8Array): { width: number; height: number; rgba: Uint8Array } {
  const image = decoder.decode(file);
  if (!image) throw new Error('A damaged WebP.');
  const { width, height, data } = image;
  return { width, height, rgba: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}
