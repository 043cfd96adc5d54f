import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { createRandom } from '../../../bench/painter/random.ts';
import {
  SCENE_KINDS,
  type ScrollScene,
  STILL_KINDS,
  scrolledText,
} from '../../../test/support/scroll-scenes.ts';
import { DirtyTiles, tileCount } from '../dirty-tiles.ts';
import { MotionFinder } from '../find-motion.ts';
import { createKernels } from '../kernels/kernels.ts';
import { type Offset, readComparison } from '../motion.ts';
import type { Size } from '../rect.ts';
import { createSharedFrame } from '../shared-frame.ts';

const SIZE: Size = { width: 1024, height: 700 };
const SEED = 8;

const module = new WebAssembly.Module(readFileSync(new URL('../kernels/kernels.wasm', import.meta.url)));
const frame = createSharedFrame(SIZE);
const kernels = createKernels(module, frame);

function show({ before, now, damage }: ScrollScene): DirtyTiles {
  new Uint32Array(frame.memory.buffer, frame.shownAt, before.length).set(before);
  new Uint32Array(frame.memory.buffer, frame.incomingAt, now.length).set(now);
  const dirty = new DirtyTiles(SIZE);
  for (const rect of damage) dirty.add(rect);
  return dirty;
}

/** Pixels that copies by these motions leave to send. */
function leftPx(dirty: DirtyTiles, moved: readonly Offset[]): number {
  dirty.writeTo(new Uint32Array(frame.memory.buffer, frame.boxesAt, tileCount(SIZE)));
  kernels.compare(SIZE, { moved });
  const { changed, motion } = readComparison(frame, SIZE, moved);
  return (motion?.rest ?? changed).areaPx;
}

/** Asserts that the motions of a scene are found, or ones that leave hardly more to send. */
function assertFound(scene: ScrollScene): void {
  const dirty = show(scene);
  const found = new MotionFinder(frame, kernels).find(dirty);
  const left = leftPx(dirty, found);
  const best = leftPx(dirty, scene.motions);
  const said = (motions: readonly Offset[]): string =>
    motions.map(({ dx, dy }) => `${dx},${dy}`).join(' and ');
  const what = `${scene.name}: found ${said(found)} for ${said(scene.motions)}`;
  assert.ok(left <= best * 1.15 + 4096, `${what}; ${left} pixels left instead of ${best}`);
}

suite(`motion of varied scenes, seed ${SEED}`, () => {
  for (const dark of [true, false]) {
    test(`scrolled text is found at every pitch of its lines, ${dark ? 'dark' : 'light'}`, () => {
      for (let pitch = 8; pitch <= 40; pitch++) {
        assertFound(scrolledText(SIZE, createRandom(SEED * 1000 + pitch), pitch, dark));
      }
    });
  }

  for (const [name, kind] of Object.entries(SCENE_KINDS)) {
    test(`motion is found in scenes of the kind: ${name}`, () => {
      for (let i = 0; i < 5; i++) assertFound(kind(SIZE, createRandom(SEED * 1000 + i)));
    });
  }

  for (const [name, kind] of Object.entries(STILL_KINDS)) {
    test(`no motion is found in scenes of the kind: ${name}`, () => {
      for (let i = 0; i < 5; i++) {
        const scene = kind(SIZE, createRandom(SEED * 1000 + i));
        assert.deepEqual(new MotionFinder(frame, kernels).find(show(scene)), [], scene.name);
      }
    });
  }
});
