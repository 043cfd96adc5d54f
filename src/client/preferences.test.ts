import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PreferenceStore } from './preferences.ts';

/** Storage that a browser keeps. */
function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  } as Storage;
}

test('choices are kept for each server', () => {
  const browser = storage();
  const store = (path: string) => new PreferenceStore(new URL(`https://host${path}`), () => browser);
  store('/one/').set('scaleMode', 'actual');
  store('/one/').set('matchWindow', true);
  assert.equal(store('/one/').get('scaleMode'), 'actual');
  assert.equal(store('/one/').get('matchWindow'), true);
  assert.equal(store('/one/').get('touchMode'), 'direct');
  assert.equal(store('/two/').get('scaleMode'), 'fit');
});

test('a choice for one visit is not kept', () => {
  const browser = storage();
  const store = new PreferenceStore(new URL('https://host/'), () => browser);
  store.override('scaleMode', 'actual');
  assert.equal(store.get('scaleMode'), 'actual');
  assert.equal(new PreferenceStore(new URL('https://host/'), () => browser).get('scaleMode'), 'fit');
});

test('what a browser has kept and is no choice is as if nothing was chosen', () => {
  const browser = storage();
  for (const [name, kept] of [
    ['scaleMode', 'sideways'],
    ['wheelSpeed', '1e9'],
    ['dock', 'below'],
  ] as const)
    browser.setItem(`deskwire / ${name}`, kept);
  const store = new PreferenceStore(new URL('https://host/'), () => browser);
  assert.equal(store.get('scaleMode'), 'fit');
  assert.equal(store.get('wheelSpeed'), 1);
  assert.equal(store.get('dock').edge, 'top');
});

test('a browser that forbids a page to keep anything has the first choices', () => {
  const store = new PreferenceStore(new URL('https://host/'), () => {
    throw new Error('forbidden');
  });
  assert.equal(store.get('touchMode'), 'direct');
  store.set('touchMode', 'touchpad');
  assert.equal(store.get('touchMode'), 'touchpad');
});
