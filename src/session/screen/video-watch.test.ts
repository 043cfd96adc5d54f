import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { waitFor } from '../../../test/support/wait-for.ts';
import { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import { VideoMode } from '../picture/video-mode.ts';
import { Activity } from './activity.ts';
import { VideoWatch } from './video-watch.ts';

const WHOLE = DirtyTiles.whole({ width: 128, height: 128 });
/** Colours of tiles that all look like a photograph. */
const PHOTO = new Uint16Array(WHOLE.tiles).fill(129);
const OUT_MS = 20;

/** A viewer, and whether it was in video mode after each change. */
function viewer(timeMs: number): { video: VideoMode; told: boolean[]; videoChanged(): void } {
  const video = new VideoMode({ areaPercent: 45, timeMs, outTimeMs: OUT_MS });
  const told: boolean[] = [];
  return { video, told, videoChanged: () => told.push(video.isOn) };
}

suite('the watch for video', () => {
  test('each viewer is told when its video begins, and that it is over although no frame follows', async () => {
    const activity = new Activity(PHOTO);
    const [eager, patient] = [viewer(0), viewer(60_000)];
    let woken = 0;
    const watch = new VideoWatch(activity, {
      viewers: () => [eager, patient],
      hasDamage: () => false,
      wake: () => woken++,
    });
    const now = performance.now();
    for (let i = 0; i < 3; i++) {
      activity.changed(WHOLE, undefined, now, now);
      watch.look(now);
    }
    assert.deepEqual([eager.told, patient.told, woken], [[true], [], 0]);
    await waitFor('the end', () => eager.told.length === 2);
    assert.deepEqual([eager.told, patient.told], [[true, false], []]);
    assert.ok(woken > 0, 'the loop was not woken to send what the viewer lacks now');
    watch.close();
  });

  test('a viewer stays in video mode while damage waits to be captured', async () => {
    const activity = new Activity(PHOTO);
    const one = viewer(0);
    let asked = 0;
    const watch = new VideoWatch(activity, {
      viewers: () => [one],
      hasDamage: () => {
        asked++;
        return true;
      },
      wake: () => assert.fail('nothing to send'),
    });
    const now = performance.now();
    for (let i = 0; i < 2; i++) {
      activity.changed(WHOLE, undefined, now, now);
      watch.look(now);
    }
    await waitFor('the question', () => asked > 0);
    assert.deepEqual(one.told, [true]);
    watch.close();
  });

  test('a closed watch for video tells no viewer anything', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const activity = new Activity(PHOTO);
    const one = viewer(0);
    const watch = new VideoWatch(activity, {
      viewers: () => [one],
      hasDamage: () => assert.fail('asked after its end'),
      wake: () => assert.fail('woken after its end'),
    });
    const now = performance.now();
    activity.changed(WHOLE, undefined, now, now);
    watch.look(now);
    activity.changed(WHOLE, undefined, now, now);
    watch.look(now);
    watch.close();
    t.mock.timers.tick(OUT_MS * 5);
    assert.deepEqual(one.told, [true]);
  });
});
