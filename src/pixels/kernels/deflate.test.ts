import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { ZlibStreams } from '../../client/decoders/zlib-streams.ts';
import { createSharedFrame, PACKED_BYTES, PACKED_MOST_PX, PACKER_TABLES_BYTES } from '../shared-frame.ts';
import { createPacker, DEFLATER_AT } from './packer.ts';

const module = new WebAssembly.Module(readFileSync(new URL('packing.wasm', import.meta.url)));
const frame = createSharedFrame({ width: 64, height: 64 });
const LANE = 2;
const packer = createPacker(module, frame, LANE);

/** Deflates, and checks that decoders find the data again and that more data may follow in the stream. */
function roundTrip(data: Uint8Array, rowBytes: number): Buffer {
  const deflated = Buffer.from(packer.deflate(data, rowBytes));
  assert.deepEqual([...deflated.subarray(-4)], [0, 0, 0xff, 0xff], 'a sync flush');
  const inflated = inflateSync(deflated, { finishFlush: constants.Z_SYNC_FLUSH });
  assert.equal(Buffer.compare(inflated, data), 0, 'node:zlib finds other data');
  const streams = new ZlibStreams();
  assert.equal(Buffer.compare(streams.inflate(0, deflated, data.length), data), 0, 'pako finds other data');
  const more = deflateSync(Buffer.from('more'), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(2);
  assert.equal(Buffer.from(streams.inflate(0, more, 4)).toString(), 'more');
  return deflated;
}

let state = 1;
function random(below: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return (state >>> 8) % below;
}

const KINDS: Readonly<Record<string, (length: number) => Uint8Array>> = {
  zeros: (length) => new Uint8Array(length),
  noise: (length) => Uint8Array.from({ length }, () => random(256)),
  'every byte equally often': (length) => Uint8Array.from({ length }, (_, i) => i),
  'few values': (length) => Uint8Array.from({ length }, () => random(3)),
  runs: (length) => {
    const data = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const end = at + 1 + random(600);
      data.fill(random(20), at, end);
      at = end;
    }
    return data;
  },
  // Each value is half as frequent as the one before: codes without a limit would have 20 bits and more.
  'values of very different frequency': (length) =>
    Uint8Array.from({ length }, () => Math.min(40, Math.clz32(random(0xffffff)) * 2 + random(2))),
  'pieces from up to 40,000 bytes before': (length) => {
    const data = Uint8Array.from({ length }, () => random(256));
    for (let at = 0; at + 300 < length; at += 20 + random(300)) {
      const from = Math.max(0, at - 1 - random(40_000));
      data.copyWithin(at, from, from + random(300));
    }
    return data;
  },
};

for (const [name, make] of Object.entries(KINDS)) {
  test(`deflated data is found again by inflaters: ${name}`, () => {
    for (const length of [
      1, 2, 7, 8, 9, 12, 16, 63, 64, 257, 258, 259, 1000, 16_384, 16_385, 65_536, 400_001,
    ]) {
      roundTrip(make(length), 64);
    }
  });
}

test('deflated data of any kind, length and row is found again by inflaters', () => {
  const kinds = fc.constantFrom(...Object.keys(KINDS));
  const parts = fc.array(fc.tuple(kinds, fc.integer({ min: 1, max: 6000 })), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(parts, fc.integer({ min: 1, max: 40_000 }), fc.nat(), (list, rowBytes, seed) => {
      state = seed;
      const data = Buffer.concat(list.map(([name, length]) => KINDS[name]!(length)));
      roundTrip(data, rowBytes);
    }),
    { numRuns: 150 },
  );
});

test('data that repeats becomes small, and noise hardly larger', () => {
  state = 5;
  assert.ok(roundTrip(new Uint8Array(100_000), 1000).length < 200);
  const noise = KINDS.noise!(300_000);
  assert.ok(roundTrip(noise, 1000).length < 300_000 * 1.001 + 64);
  // A row that equals the one above, far beyond what the hash table still knows.
  const row = KINDS.noise!(20_000);
  assert.ok(roundTrip(Buffer.concat(Array.from({ length: 10 }, () => row)), row.length).length < 23_000);
});

test('the deflater writes only its own scratch, with the most and the least compressible data', () => {
  const start = frame.packersAt + LANE * frame.packerBytes;
  const memory = new Uint8Array(frame.memory.buffer);
  const before = memory.slice();
  state = 9;
  const most = PACKED_MOST_PX * 4;
  for (const data of [KINDS.noise!(most), new Uint8Array(most)]) roundTrip(data, 1024);
  const same = (from: number, to: number): boolean =>
    Buffer.compare(before.subarray(from, to), memory.slice(from, to)) === 0;
  assert.ok(same(0, start));
  assert.ok(same(start + frame.packerBytes, memory.length));
});

test('the deflater refuses more than its scratch holds', () => {
  assert.throws(() => packer.deflate(new Uint8Array(PACKED_BYTES + 1), 64), RangeError);
});

test('the tables of the deflater fit their part of the scratch', () => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory: frame.memory } });
  const { value } = exports.DEFLATE_SCRATCH as { value: number };
  assert.ok(value <= PACKER_TABLES_BYTES - DEFLATER_AT, `${value} bytes`);
});
