import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPrograms } from './check-programs.ts';
import { judgeDescriptors, judgeMemory } from './check-resources.ts';

const MIB = 1024 * 1024;

for (const [free, outcome] of [
  [100, 'failed'],
  [300, 'warning'],
  [1000, 'ok'],
] as const) {
  test(`with ${free} MiB of memory, of 2 limits the smaller one, the outcome is ${outcome}`, () => {
    const maxSize = { width: 3840, height: 2160 };
    const found = judgeMemory({ maxSize }, [{ freeBytes: 9000 * MIB }, { freeBytes: free * MIB }]);
    assert.equal(found.outcome, outcome);
    assert.match(found.detail, new RegExp(`^${free} MiB free`));
  });
}

for (const [limit, outcome] of [
  [128, 'failed'],
  [1024, 'warning'],
  [Infinity, 'ok'],
] as const) {
  test(`with ${limit} descriptors for 4096 connections, the outcome is ${outcome}`, () => {
    assert.equal(judgeDescriptors({ maxConnections: 4096 }, limit).outcome, outcome);
  });
}

for (const [what, missing, options, outcomes] of [
  ['no program', [], {}, ['ok']],
  ['Xvfb', ['Xvfb'], {}, ['failed']],
  ['all programs for an attached display', ['Xvfb', 'xkbcomp', 'openbox'], { display: ':0' }, ['ok']],
  ['the terminal', ['xterm'], {}, ['warning']],
  ['the terminal, beside a program of the user', ['xterm'], { run: 'firefox' }, ['ok']],
  ['setpriv', ['setpriv'], {}, ['warning']],
  ['setpriv for root', ['setpriv'], { isRoot: true }, ['failed']],
  ['Xvfb and the terminal', ['Xvfb', 'xterm'], {}, ['failed', 'warning']],
] as const) {
  test(`when ${what} is missing, the outcome is ${outcomes.join(' and ')}`, () => {
    const { isRoot = false, ...config } = { display: undefined, run: undefined, isRoot: false, ...options };
    const find = (name: string) =>
      (missing as readonly string[]).includes(name) ? undefined : `/usr/bin/${name}`;
    const found = checkPrograms(config, isRoot, find);
    assert.deepEqual(
      found.map(({ outcome }) => outcome),
      outcomes,
    );
  });
}
