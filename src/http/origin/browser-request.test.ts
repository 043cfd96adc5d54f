import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BrowserFacts, type BrowserVerdict, judgeBrowser } from './browser-request.ts';

const NO_HEADERS: BrowserFacts = {
  origin: 'none',
  referer: 'none',
  site: undefined,
  mode: undefined,
  purpose: undefined,
};

/** Checks the verdict on each set of headers. */
function expect(verdict: BrowserVerdict, requests: readonly Partial<BrowserFacts>[]): void {
  for (const request of requests) {
    assert.equal(judgeBrowser({ ...NO_HEADERS, ...request }), verdict, JSON.stringify(request));
  }
}

test('a program, and a script of our page or of an allowed one, may change something', () => {
  expect('may change', [
    {},
    { site: 'same-origin' },
    { site: 'same-origin', mode: 'cors', referer: 'own' },
    { site: 'same-origin', mode: 'same-origin', origin: 'own' },
    { origin: 'own' },
    { origin: 'allowed' },
    { origin: 'allowed', site: 'cross-site', mode: 'cors' },
    { referer: 'own' },
    { referer: 'allowed' },
  ]);
});

test('a request that does not name our page or an allowed one may not change something', () => {
  expect('foreign page', [
    { site: 'none' },
    { site: 'none', mode: 'no-cors' },
    { site: 'same-site' },
    { site: 'cross-site' },
    { site: 'same-origin, same-origin' },
    { site: '' },
    { site: 'cross-site', origin: 'own' },
    { site: 'cross-site', referer: 'allowed' },
    { origin: 'foreign' },
    { origin: 'foreign', site: 'same-origin' },
    { origin: 'foreign', mode: 'navigate' },
    { referer: 'foreign' },
  ]);
});

test('a link, a form, the address bar and a prefetch may not change something, not even those of our page', () => {
  expect('navigation', [
    { mode: 'navigate' },
    { mode: 'navigate', site: 'none' },
    { mode: 'navigate', site: 'same-origin', origin: 'own' },
    { mode: 'navigate', site: 'cross-site', origin: 'allowed' },
    { purpose: 'prefetch' },
    { purpose: 'prefetch;prerender', site: 'none', mode: 'navigate' },
    { purpose: 'prefetch', site: 'same-origin', origin: 'own' },
    { purpose: '' },
  ]);
});
