import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closest, didYouMean } from './closest.ts';

test('a typing error is recognised, and another word is not', () => {
  const words = ['--port', '--size', '--max-size', '--log-level'];
  assert.equal(closest('--prot', words), '--port');
  assert.equal(closest('--maxsize', words), '--max-size');
  assert.equal(closest('--SIZE', words), '--size');
  assert.equal(closest('--colour', words), undefined);
  assert.equal(closest('', words), undefined);
  assert.equal(didYouMean('--sizes', words), ' Did you mean --size?');
  assert.equal(didYouMean('elephant', words), '');
});
