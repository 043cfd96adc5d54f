import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrawOp } from './draw-op.ts';
import { Presenter } from './presenter.ts';

const fill = (colour: string): DrawOp => ({
  kind: 'fill',
  area: { x: 0, y: 0, width: 1, height: 1 },
  colour,
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

function recorder(turn: (px: number) => Promise<void> = () => Promise.resolve()) {
  const log: string[] = [];
  const presenter = new Presenter({
    draw: (ops) => log.push(ops.map((op) => (op.kind === 'fill' ? op.colour : op.kind)).join('+')),
    turn,
    onError: (error) => log.push(`error ${(error as Error).message}`),
  });
  return { log, presenter };
}

test('an update waits for its slowest step, and its steps are drawn in order without a pause', async () => {
  const { log, presenter } = recorder();
  const slow = Promise.withResolvers<DrawOp>();
  presenter.present({ steps: [slow.promise, fill('b')] }, () => log.push('drawn 1'));
  presenter.present({ steps: [fill('c')] }, () => log.push('drawn 2'));
  await settled();
  assert.deepEqual(log, []);
  slow.resolve(fill('a'));
  await settled();
  assert.deepEqual(log, ['a+b', 'drawn 1', 'c', 'drawn 2']);
});

test('a failed step is reported once, and no later update is drawn', async () => {
  const { log, presenter } = recorder();
  presenter.present({ steps: [fill('a'), Promise.reject(new Error('bad picture'))] }, () =>
    log.push('drawn'),
  );
  presenter.present({ steps: [fill('b')] }, () => log.push('drawn'));
  presenter.present({ steps: [Promise.reject(new Error('another'))] }, () => log.push('drawn'));
  await settled();
  assert.deepEqual(log, ['error bad picture']);
});

test('after close nothing is drawn, and decoded pictures are closed', async () => {
  const { log, presenter } = recorder();
  const picture = Promise.withResolvers<DrawOp>();
  presenter.present({ steps: [picture.promise] }, () => log.push('drawn'));
  presenter.close();
  let closed = 0;
  const bitmap = { close: () => closed++ } as unknown as ImageBitmap;
  picture.resolve({ kind: 'picture', area: { x: 0, y: 0, width: 1, height: 1 }, bitmap });
  await settled();
  assert.deepEqual(log, []);
  assert.equal(closed, 1);
});

test('the turn of an update is asked for once, with the pixels of all its steps', async () => {
  const turns: number[] = [];
  const { log, presenter } = recorder(async (px) => {
    turns.push(px);
  });
  presenter.present({ steps: [fill('a'), fill('b'), { kind: 'resize', width: 3, height: 2 }] }, () => {});
  await settled();
  assert.deepEqual(log, ['a+b+resize']);
  assert.deepEqual(turns, [8]);
});
