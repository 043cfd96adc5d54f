import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, answerFor } from './answer-for.ts';

const SCOPE = 'https://host.example/desk/';
const FILES = new Set(['main-K3J5QZ7A.js', 'style-0123ABCD.css', 'favicon.svg', 'manifest.webmanifest']);

const CASES: readonly (readonly [
  what: string,
  url: string,
  answer: Answer,
  mode?: string,
  method?: string,
])[] = [
  ['the page', SCOPE, 'page', 'navigate'],
  ['the page by its file', `${SCOPE}index.html`, 'page', 'navigate'],
  ['the page with settings', `${SCOPE}?view_only=1#x`, 'page', 'navigate'],
  ['a file with a hash', `${SCOPE}main-K3J5QZ7A.js`, 'kept', 'cors'],
  ['a file without a hash', `${SCOPE}favicon.svg`, 'newest', 'no-cors'],
  ['a file of the last version', `${SCOPE}main-AAAAAAAA.js`, 'kept', 'cors'],
  ['the page, asked by a script', SCOPE, 'none', 'cors'],
  ['the probe', SCOPE, 'none', 'same-origin', 'HEAD'],
  ['a ticket', `${SCOPE}ticket`, 'none', 'same-origin', 'POST'],
  ['a call', `${SCOPE}api/get_users`, 'none', 'cors'],
  ['a picture', `${SCOPE}api/get_screenshot?width=480`, 'none', 'no-cors'],
  ['a call, opened as a page', `${SCOPE}api/docs`, 'none', 'navigate'],
  ['a file with a query', `${SCOPE}favicon.svg?x`, 'none', 'no-cors'],
  ['a form that is sent', SCOPE, 'none', 'navigate', 'POST'],
  ['a desktop beside it', 'https://host.example/desk2/', 'none', 'navigate'],
  ['the folder above', 'https://host.example/', 'none', 'navigate'],
  ['a file with a hash of a folder below', `${SCOPE}api/x-AAAAAAAA.js`, 'none', 'cors'],
  ['a file of a folder below', `${SCOPE}x/favicon.svg`, 'none', 'no-cors'],
  ['another port', 'https://host.example:8443/desk/', 'none', 'navigate'],
  ['another scheme', 'http://host.example/desk/favicon.svg', 'none', 'no-cors'],
];

for (const [what, url, answer, mode = 'cors', method = 'GET'] of CASES) {
  test(`the service worker's answer for ${what} is: ${answer}`, () => {
    assert.equal(answerFor({ url, mode, method }, SCOPE, FILES), answer);
  });
}
