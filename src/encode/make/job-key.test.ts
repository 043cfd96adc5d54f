import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { hasZstd } from '../encoders/zstd.ts';
import type { EncodeJob } from './job.ts';
import { jobKey } from './job-key.ts';

const LARGE = { x: 0, y: 64, width: 640, height: 64 };
const SMALL = { x: 0, y: 64, width: 16, height: 15 };
const JPEG: EncodeJob['method'] = { name: 'jpeg', jpeg: { quality: 77, subsampling: '4:2:0' } };
const JOB: EncodeJob = {
  frameSize: { width: 640, height: 480 },
  rect: LARGE,
  method: JPEG,
  format: SERVER_PIXEL_FORMAT,
  zlibLevel: 1,
};
const BIG_ENDIAN = { ...SERVER_PIXEL_FORMAT, bigEndian: true };

suite('rects that viewers share', () => {
  for (const [what, job, other] of [
    ['a JPEG', { method: JPEG }, { zstd: true, zlibLevel: 9, format: BIG_ENDIAN }],
    ['a WebP', { method: { name: 'webp', webp: 'lossless' } }, { zstd: true, zlibLevel: 9 }],
    ['a raw rect', { method: { name: 'raw' } }, { zstd: true, zlibLevel: 9 }],
    ['a rect that is too small for zstd', { method: { name: 'lossless' }, rect: SMALL }, { zstd: true }],
    ['a rect that is too large for zlib', { method: { name: 'lossless' } }, { zlibLevel: 9 }],
  ] as const) {
    test(`${what} is encoded once for viewers with settings that make no difference to it`, () => {
      assert.equal(jobKey({ ...JOB, ...job }), jobKey({ ...JOB, ...job, ...other }));
    });
  }

  for (const [what, job, other] of [
    ['the place', {}, { rect: SMALL }],
    ['the quality of a JPEG', {}, { method: { name: 'jpeg', jpeg: { quality: 78, subsampling: '4:2:0' } } }],
    ['the size that it is scaled to', {}, { scaledTo: { width: 320, height: 32, filter: 'area' } }],
    ['the pixel format of a raw rect', { method: { name: 'raw' } }, { format: BIG_ENDIAN }],
    ['the pixel format without loss', { method: { name: 'lossless' } }, { format: BIG_ENDIAN }],
    ['the compression level', { method: { name: 'lossless' }, rect: SMALL }, { rect: SMALL, zlibLevel: 9 }],
    ...(hasZstd ? ([['zstd', { method: { name: 'lossless' } }, { zstd: true }]] as const) : []),
  ] as const) {
    test(`rects that differ in ${what} are encoded apart`, () => {
      assert.notEqual(jobKey({ ...JOB, ...job }), jobKey({ ...JOB, ...job, ...other }));
    });
  }
});
