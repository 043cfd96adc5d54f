import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { isKernel } from './isolation.ts';

const MODULE = new URL('./isolation.ts', import.meta.url).href;
const SETPRIV = '/usr/bin/setpriv';
const ASK = `
const { isolationFault, isolated } = await import(${JSON.stringify(MODULE)});
const places = { own: '/nowhere', kept: [] };
console.log(JSON.stringify([await isolationFault(), await isolated(['program', 'argument'], places)]));`;

test('kernels whose mounts of /proc share one setting do not count', () => {
  assert.deepEqual(['4.18.0-553.el8', '5.7.19', '5.8', '5.10.0-32-amd64', '6.18'].map(isKernel), [
    ...[false, false],
    ...[true, true, true],
  ]);
});

test('where namespaces are not allowed, a desktop runs without them, and the reason is known', {
  skip: process.geteuid?.() === 0 ? false : 'only root can give the right up',
}, () => {
  const words = ['--bounding-set', '-sys_admin', process.execPath, '--input-type=module', '--eval', ASK];
  const [reason, command] = JSON.parse(execFileSync(SETPRIV, words, { encoding: 'utf8' }));
  assert.match(reason, /unshare.*not permitted/);
  assert.deepEqual(command, ['program', 'argument']);
});
