import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_SCOPES, allows, type CallScope, isScope, type Scope } from './scopes.ts';

test('a scope opens what needs that scope, control also opens view, and admin opens everything', () => {
  for (const given of ALL_SCOPES) {
    for (const needed of ALL_SCOPES) {
      const isOpen = given === needed || given === 'admin' || (given === 'control' && needed === 'view');
      assert.equal(allows([given], needed), isOpen, `${given} for ${needed}`);
    }
    assert.ok(allows([given], 'any'), given);
  }
});

test('each of several scopes counts, and no scope opens nothing', () => {
  const given: Scope[] = ['stats', 'screenshot'];
  for (const [needed, isOpen] of [
    ['stats', true],
    ['screenshot', true],
    ['users', false],
  ] as const satisfies readonly (readonly [CallScope, boolean])[])
    assert.equal(allows(given, needed), isOpen, needed);
  assert.ok(!allows([], 'stats'));
});

test('names of object properties are no scopes', () => {
  assert.ok(isScope('stats'));
  for (const other of ['', 'any', 'toString', '__proto__', 7, null])
    assert.ok(!isScope(other), String(other));
});
