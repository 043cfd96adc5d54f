import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const MAIN = new URL('../src/main.ts', import.meta.url).href;
const LIST = `await import(${JSON.stringify(MAIN)}); console.log(JSON.stringify(process.moduleLoadList));`;

test('a server loads no second HTTP client for its start', () => {
  const words = ['--input-type=module', '--eval', LIST];
  const loaded: string[] = JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }));
  assert.ok(loaded.some((name) => name.endsWith(' https')));
  // An import of node:http reads all of its names, WebSocket too, which undici has.
  assert.deepEqual(
    loaded.filter((name) => name.includes('undici')),
    [],
  );
});
