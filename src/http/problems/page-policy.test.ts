import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { pagePolicy } from './page-policy.ts';

const scriptsOf = (policy: string): string[] => /script-src ([^;]*)/.exec(policy)![1]!.split(' ');
const digestOf = (script: string): string =>
  `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

test('a page runs the files of its server, and no script in its document but those that the server has put there', () => {
  const files = ["'self'", "'wasm-unsafe-eval'"];
  assert.deepEqual(scriptsOf(pagePolicy([])), files);
  const scripts = ['a("<b>");\nc()', 'd()'];
  const document = `<head><script>${scripts[0]}</script><script src="x.js"></script><script>${scripts[1]}</script>`;
  const [own, ...rest] = scriptsOf(pagePolicy([], document));
  assert.deepEqual([own, ...rest], [files[0], ...scripts.map(digestOf), files[1]]);
});

test('a page may be framed by the origins that are allowed, and names its own path only where it has one', () => {
  const policy = pagePolicy(['https://portal.example'], '', true).split('; ');
  assert.ok(policy.includes("frame-ancestors 'self' https://portal.example"));
  assert.ok(policy.includes("base-uri 'self'"));
  assert.ok(pagePolicy([]).includes("base-uri 'none'"));
});
