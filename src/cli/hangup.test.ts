import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHangupIgnored, takeHangupIgnored } from './hangup.ts';

const TERMINAL = { stdin: '/dev/pts/1', isStdinWriteOnly: false, parentEnviron: 'A=b\0_=/bin/bash\0' };
const NULL = { ...TERMINAL, stdin: '/dev/null' };
const NOHUP = { _: '/usr/bin/nohup' };

for (const [what, env, traces, expected] of [
  ['nothing that nohup leaves', {}, TERMINAL, false],
  ['a standard input that an ordinary shell has redirected', {}, NULL, false],
  ['a standard input that nohup has replaced', {}, { ...NULL, isStdinWriteOnly: true }, true],
  ['a standard input that is a pipe for writing', {}, { ...TERMINAL, isStdinWriteOnly: true }, false],
  ['that nohup was the last program of the shell', NOHUP, TERMINAL, true],
  ['that nohup has started its parent', NOHUP, { ...TERMINAL, parentEnviron: 'A=b\0_=/bin/nohup\0' }, false],
  ['another last program of the shell', { _: '/usr/bin/nohup-not' }, TERMINAL, false],
  ['the variable of the launcher', { DESKWIRE_IGNORE_HANGUP: '1' }, TERMINAL, true],
  ['an empty variable', { DESKWIRE_IGNORE_HANGUP: '' }, TERMINAL, false],
] as const) {
  test(`a server that finds ${what} ${expected ? 'outlives' : 'ends with'} its terminal`, () => {
    assert.equal(isHangupIgnored(env, traces), expected);
  });
}

test('the programs of the desktop do not get the variable that keeps the server from ending', () => {
  const env = { DESKWIRE_IGNORE_HANGUP: '1', PATH: '/bin' };
  assert.equal(takeHangupIgnored(env), true);
  assert.deepEqual(env, { PATH: '/bin' });
});
