import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { VideoMode, type VideoThresholds } from './video-mode.ts';

const USUAL: VideoThresholds = { areaPercent: 45, timeMs: 5000, outTimeMs: 3000 };

/** Frames at an interval of `everyMs` for `forMs`, in each of which this share of the screen moves. */
interface Stretch {
  readonly share: number;
  readonly forMs: number;
  readonly everyMs?: number;
}

/** Times at which video mode begins, ends, begins …, in milliseconds from the first frame. */
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
  ['video mode stays off while nothing moves', [{ share: 0, forMs: 60_000 }], USUAL, []],
  ['video mode begins after timeMs of a film', [{ share: 0.8, forMs: 60_000 }], USUAL, [5000]],
  [
    'video mode begins with the next frame after timeMs of a film of few frames',
    [{ share: 0.8, forMs: 60_000, everyMs: 700 }],
    USUAL,
    [5600],
  ],
  ['video mode stays off while exactly the area moves', [{ share: 0.45, forMs: 60_000 }], USUAL, []],
  [
    'video mode begins if slightly more than the area moves',
    [{ share: 0.4501, forMs: 60_000 }],
    USUAL,
    [5000],
  ],
  [
    'video mode stays off at 100 per cent, though all of the screen moves',
    [{ share: 1, forMs: 60_000 }],
    { ...USUAL, areaPercent: 100 },
    [],
  ],
  [
    'video mode stays off in bursts shorter than timeMs',
    Array.from({ length: 20 }, (_, i) => ({ share: i % 2 ? 0 : 1, forMs: 4900 })),
    USUAL,
    [],
  ],
  [
    'one calm frame restarts the time until video mode begins',
    [
      { share: 1, forMs: 4900 },
      { share: 0.1, forMs: 100 },
      { share: 1, forMs: 5100 },
    ],
    USUAL,
    [10_000],
  ],
  [
    'video mode ends outTimeMs after the last movement',
    [
      { share: 1, forMs: 6000 },
      { share: 0.2, forMs: 10_000 },
    ],
    USUAL,
    // The last frame with movement was at 5900.
    [5000, 8900],
  ],
  [
    'calm scenes shorter than outTimeMs do not end video mode',
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
    'flicker around the area does not end video mode',
    [
      { share: 1, forMs: 6000 },
      ...Array.from({ length: 100 }, (_, i) => ({ share: i % 2 ? 0.46 : 0.44, forMs: 100 })),
    ],
    USUAL,
    [5000],
  ],
  [
    'flicker around the area does not begin video mode',
    Array.from({ length: 200 }, (_, i) => ({ share: i % 2 ? 0.46 : 0.44, forMs: 100 })),
    USUAL,
    [],
  ],
  [
    'video mode begins and ends at once if both times are 0',
    [
      { share: 0, forMs: 500 },
      { share: 0.5, forMs: 500 },
    ],
    { ...USUAL, timeMs: 0 },
    [500],
  ],
  [
    'video mode takes all of timeMs to begin again after it has ended',
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

  test('video mode names a time to look again only while it is on, and a later one after each movement', () => {
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

  test('new thresholds of video mode are used from the next look on', () => {
    const mode = new VideoMode(USUAL);
    mode.look(0, 0.3);
    mode.look(1000, 0.3);
    mode.setThresholds({ ...USUAL, areaPercent: 20, timeMs: 2000 });
    assert.equal(mode.look(2000, 0.3), false);
    assert.equal(mode.look(4000, 0.3), true);
  });
});
