import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { VideoMode, type VideoThresholds } from './video-mode.ts';

const USUAL: VideoThresholds = { areaPercent: 45, timeMs: 5000, outTimeMs: 3000 };

/** A stretch of frames: one every `everyMs` from the last frame on, for `forMs`, each with that share moving. */
interface Stretch {
  readonly share: number;
  readonly forMs: number;
  readonly everyMs?: number;
}

/** When the mode changed, in milliseconds from the first frame: in, out, in, ... */
function changes(stretches: readonly Stretch[], thresholds: VideoThresholds = USUAL): number[] {
  const mode = new VideoMode(thresholds);
  const found: number[] = [];
  const startMs = 12_345;
  let atMs = startMs;
  for (const { share, forMs, everyMs = 100 } of stretches) {
    for (const endMs = atMs + forMs; atMs < endMs; atMs += everyMs) {
      if (mode.look(atMs, share)) found.push(atMs - startMs);
      assert.equal(mode.isOn, found.length % 2 === 1);
    }
  }
  return found;
}

const TABLE: readonly [string, readonly Stretch[], VideoThresholds, readonly number[]][] = [
  ['nothing moves', [{ share: 0, forMs: 60_000 }], USUAL, []],
  ['a film', [{ share: 0.8, forMs: 60_000 }], USUAL, [5000]],
  ['a film of few frames', [{ share: 0.8, forMs: 60_000, everyMs: 700 }], USUAL, [5600]],
  ['exactly the area is not more than it', [{ share: 0.45, forMs: 60_000 }], USUAL, []],
  ['a hair more is', [{ share: 0.4501, forMs: 60_000 }], USUAL, [5000]],
  [
    'all of the screen, of which more than all is wanted',
    [{ share: 1, forMs: 60_000 }],
    { ...USUAL, areaPercent: 100 },
    [],
  ],
  [
    'bursts of less than the time',
    Array.from({ length: 20 }, (_, i) => ({ share: i % 2 ? 0 : 1, forMs: 4900 })),
    USUAL,
    [],
  ],
  [
    'one calm frame begins it anew',
    [
      { share: 1, forMs: 4900 },
      { share: 0.1, forMs: 100 },
      { share: 1, forMs: 5100 },
    ],
    USUAL,
    [10_000],
  ],
  [
    'it ends after the calm, counted from what moved last',
    [
      { share: 1, forMs: 6000 },
      { share: 0.2, forMs: 10_000 },
    ],
    USUAL,
    // The last to move was the frame at 5900.
    [5000, 8900],
  ],
  [
    'a calm scene does not end it',
    [
      { share: 1, forMs: 6000 },
      { share: 0, forMs: 2900 },
      { share: 1, forMs: 100 },
      { share: 0, forMs: 2900 },
      { share: 1, forMs: 100 },
    ],
    USUAL,
    [5000],
  ],
  [
    'flicker around the area ends nothing and begins nothing',
    [
      { share: 1, forMs: 6000 },
      ...Array.from({ length: 100 }, (_, i) => ({ share: i % 2 ? 0.46 : 0.44, forMs: 100 })),
    ],
    USUAL,
    [5000],
  ],
  [
    'the same from the start',
    Array.from({ length: 200 }, (_, i) => ({ share: i % 2 ? 0.46 : 0.44, forMs: 100 })),
    USUAL,
    [],
  ],
  [
    'no time at all',
    [
      { share: 0, forMs: 500 },
      { share: 0.5, forMs: 500 },
    ],
    { ...USUAL, timeMs: 0 },
    [500],
  ],
  [
    'in again after out takes the whole time again',
    [
      { share: 1, forMs: 5100 },
      { share: 0, forMs: 4000 },
      { share: 1, forMs: 6000 },
    ],
    USUAL,
    [5000, 8000, 14_100],
  ],
];

suite('video mode', () => {
  for (const [name, stretches, thresholds, expected] of TABLE)
    test(name, () => assert.deepEqual(changes(stretches, thresholds), expected));

  test('says when to look again: only while it is on, and later with every movement', () => {
    const mode = new VideoMode({ ...USUAL, timeMs: 0 });
    assert.equal(mode.lookAgainAtMs, undefined);
    mode.look(1000, 1);
    assert.equal(mode.lookAgainAtMs, 4000);
    mode.look(2000, 1);
    mode.look(2500, 0);
    assert.equal(mode.lookAgainAtMs, 5000);
    assert.equal(mode.look(4999, 0), false);
    assert.equal(mode.look(5000, 0), true);
    assert.equal(mode.lookAgainAtMs, undefined);
  });

  test('other thresholds hold from the next look on', () => {
    const mode = new VideoMode(USUAL);
    mode.look(0, 0.3);
    mode.look(1000, 0.3);
    mode.setThresholds({ ...USUAL, areaPercent: 20, timeMs: 2000 });
    assert.equal(mode.look(2000, 0.3), false);
    assert.equal(mode.look(4000, 0.3), true);
  });
});
