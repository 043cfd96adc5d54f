import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EncodedArena, type Place } from './encoded-arena.ts';

const MIB = 1 << 20;
const filled = (bytes: number, value: number): Uint8Array => new Uint8Array(bytes).fill(value);

/** An arena as the two threads see it. */
function ends(): { thread: EncodedArena; main: EncodedArena } {
  const main = new EncodedArena();
  return { main, thread: new EncodedArena(main.memory) };
}

test('bytes put into an arena are read by the other thread, and stay until their place is released', () => {
  const { thread, main } = ends();
  const places = [1, 2, 3].map((value) => thread.put([filled(10, value), filled(value, 9)])!);
  for (const [i, place] of places.entries()) {
    assert.deepEqual([...main.view(place)], [...filled(10, i + 1), ...filled(i + 1, 9)]);
  }
  main.release(places[0]!);
  main.release(places[1]!);
  const next = thread.put([filled(5, 4)])!;
  assert.equal(next.at, places[2]!.at + places[2]!.length);
  main.release(places[2]!);
  main.release(next);
  assert.equal(thread.put([filled(1, 1)])!.at, 0);
});

test('an arena takes no bytes that do not fit until places are released', () => {
  const { thread, main } = ends();
  assert.equal(thread.put([filled(MIB + 1, 0)]), undefined);
  const whole = thread.put([filled(MIB, 0)])!;
  assert.equal(thread.put([filled(1, 0)]), undefined);
  main.release(whole);
  assert.deepEqual(thread.put([filled(1, 0)]), { at: 0, length: 1 } satisfies Place);
});

test('an arena works on after its counters have wrapped', () => {
  const { thread, main } = ends();
  const bytes = filled(MIB, 1);
  for (let i = 0; i < 5000; i++) {
    const place = thread.put([bytes]);
    assert.ok(place, `${i} MiB`);
    main.release(place);
  }
});
