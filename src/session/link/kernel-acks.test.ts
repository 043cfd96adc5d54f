import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KernelAcks } from './kernel-acks.ts';

test('an update was carried when its bytes were acknowledged, without the link’s own round trip', () => {
  const acks = new KernelAcks();
  assert.equal(acks.carriedAtMs(1_000, { busyMs: 50, roundTripMs: 20 }), undefined, 'nothing was sent');
  acks.updateEnds(1_000, { busyMs: 50, roundTripMs: 20 });
  assert.equal(acks.carriedAtMs(5_000, { busyMs: 60, roundTripMs: 20 }), 1_000);
  assert.equal(acks.carriedAtMs(5_000, { busyMs: 470, roundTripMs: 20 }), 1_400);
  acks.updateEnds(6_000, { busyMs: 470, roundTripMs: 20 });
  assert.equal(acks.carriedAtMs(6_050, { busyMs: 470, roundTripMs: 20 }), 6_000);
});

test('an update whose bytes are not all acknowledged has not been carried', () => {
  const acks = new KernelAcks();
  acks.updateEnds(1_000, { busyMs: 50, roundTripMs: 20 });
  assert.equal(acks.carriedAtMs(4_000, { busyMs: 3_046, roundTripMs: 20 }), 4_000);
});

test('nothing is known of an update while the kernel does not tell', () => {
  const acks = new KernelAcks();
  acks.updateEnds(1_000, { busyMs: 50, roundTripMs: 20 });
  assert.equal(acks.carriedAtMs(3_000, undefined), undefined);
  acks.updateEnds(2_000, undefined);
  assert.equal(acks.carriedAtMs(3_000, { busyMs: 900, roundTripMs: 20 }), undefined);
});
