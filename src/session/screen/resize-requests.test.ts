import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import type { Size } from '../../pixels/rect.ts';
import {
  RESIZE_OK,
  RESIZE_OUT_OF_RESOURCES,
  RESIZE_PROHIBITED,
  RESIZE_REASON_OTHER_CLIENT,
  RESIZE_REASON_SERVER,
  RESIZE_REASON_THIS_CLIENT,
} from '../../protocol/constants.ts';
import { ResizeRequests } from './resize-requests.ts';

const SIZE = { width: 200, height: 120 };
const LARGER = { width: 300, height: 200 };

/** An asker that keeps its answers. */
function createAsker() {
  const statuses: number[] = [];
  return { statuses, notResized: (status: number) => void statuses.push(status) };
}

/** A desktop of SIZE whose answers to a new size are given by `resize`, and the warnings that were logged. */
function createResizes(resize: (size: Size) => Promise<Size>) {
  let warnings = 0;
  const log = pino({ level: 'warn' }, { write: () => void warnings++ });
  return { resizes: new ResizeRequests({ size: SIZE, resize }, log), warnings: () => warnings };
}

suite('requests for a size of the desktop', () => {
  test('the reason of a new size is the asker itself, another viewer, and later the server', async () => {
    const { resizes } = createResizes(async (size) => size);
    const [asker, other] = [createAsker(), createAsker()];
    resizes.ask(asker, LARGER);
    await nextTurn();
    const reason = resizes.resized(LARGER);
    assert.deepEqual([reason(asker), reason(other)], [RESIZE_REASON_THIS_CLIENT, RESIZE_REASON_OTHER_CLIENT]);
    assert.equal(resizes.resized(SIZE)(asker), RESIZE_REASON_SERVER);
    assert.deepEqual(asker.statuses, []);
  });

  test('callers of the API are told the size that the desktop has in the end, and viewers that the server changed it', async () => {
    const first = Promise.withResolvers<Size>();
    const asked: Size[] = [];
    const { resizes } = createResizes((size) => {
      asked.push(size);
      return asked.length === 1 ? first.promise : Promise.resolve(size);
    });
    const one = resizes.request(LARGER);
    const [two, three] = [
      resizes.request({ width: 1, height: 1 }),
      resizes.request({ width: 500, height: 400 }),
    ];
    first.resolve(LARGER);
    assert.deepEqual(await one, LARGER);
    assert.deepEqual(await two, { width: 500, height: 400 });
    assert.deepEqual(await three, { width: 500, height: 400 });
    assert.equal(asked.length, 2);
    assert.equal(resizes.resized({ width: 500, height: 400 })(createAsker()), RESIZE_REASON_SERVER);
  });

  test('a caller of the API is told why the desktop could not be resized', async () => {
    const { resizes } = createResizes(() => Promise.reject(new Error('no room')));
    await assert.rejects(resizes.request(LARGER), /no room/);
  });

  test('a request for a size is answered at once if the desktop keeps its size', async () => {
    const { resizes } = createResizes(async () => SIZE);
    const asker = createAsker();
    resizes.ask(asker, LARGER);
    await nextTurn();
    assert.deepEqual(asker.statuses, [RESIZE_OK]);
  });

  test('a request that waits is refused, and not carried out, when its viewer may no longer write', async () => {
    const asked: Size[] = [];
    const first = Promise.withResolvers<Size>();
    const { resizes } = createResizes((size) => {
      asked.push(size);
      return first.promise;
    });
    const [asker, late] = [createAsker(), createAsker()];
    resizes.ask(asker, LARGER);
    resizes.ask(late, { width: 400, height: 300 });
    resizes.revoke(late);
    resizes.revoke(late);
    resizes.revoke(asker);
    assert.deepEqual([asker.statuses, late.statuses], [[], [RESIZE_PROHIBITED]]);
    first.resolve(SIZE);
    await nextTurn();
    assert.deepEqual([asker.statuses, late.statuses], [[RESIZE_OK], [RESIZE_PROHIBITED]]);
    assert.deepEqual(asked, [LARGER]);
  });

  test('of the sizes that wait, the newest of a viewer that may still write is taken', async () => {
    const asked: Size[] = [];
    const first = Promise.withResolvers<Size>();
    const { resizes } = createResizes((size) => {
      asked.push(size);
      return first.promise;
    });
    const [one, two, three] = [createAsker(), createAsker(), createAsker()];
    resizes.ask(one, LARGER);
    resizes.ask(two, { width: 400, height: 300 });
    resizes.ask(three, { width: 500, height: 300 });
    resizes.revoke(three);
    resizes.forget(two);
    first.resolve(SIZE);
    await nextTurn();
    assert.deepEqual(asked, [LARGER, { width: 400, height: 300 }]);
    assert.deepEqual([two.statuses, three.statuses], [[], [RESIZE_PROHIBITED]]);
  });

  test('requests for a size that fail are each refused, and logged once until one succeeds', async () => {
    let isBroken = true;
    const { resizes, warnings } = createResizes(async () => {
      if (isBroken) throw new Error('no such mode');
      return SIZE;
    });
    const asker = createAsker();
    for (isBroken of [true, true, true, false, true]) {
      resizes.ask(asker, LARGER);
      await nextTurn();
    }
    const refused = RESIZE_OUT_OF_RESOURCES;
    assert.deepEqual(asker.statuses, [refused, refused, refused, RESIZE_OK, refused]);
    assert.equal(warnings(), 2);
  });

  test('a request for a size that the desktop never answers is refused, and the next one is carried out', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let calls = 0;
    const { resizes } = createResizes(async () => (++calls === 1 ? new Promise(() => undefined) : SIZE));
    const [first, second] = [createAsker(), createAsker()];
    resizes.ask(first, LARGER);
    resizes.ask(second, LARGER);
    await nextTurn();
    assert.deepEqual([first.statuses, second.statuses], [[], []]);
    t.mock.timers.tick(30_000);
    await nextTurn();
    assert.deepEqual([first.statuses, second.statuses], [[RESIZE_OUT_OF_RESOURCES], [RESIZE_OK]]);
  });

  test('a request for a size whose viewer has left is carried out and not answered', async () => {
    const { resizes } = createResizes(async () => SIZE);
    const asker = createAsker();
    resizes.ask(asker, LARGER);
    resizes.forget(asker);
    await nextTurn();
    assert.deepEqual(asker.statuses, []);
  });
});
