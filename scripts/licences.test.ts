import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAllowed, licenceFaults } from './licences.ts';
import { readLockFiles } from './lock-files.ts';

const [ours = {}, ...others] = readLockFiles();

test('a licence expression is allowed if one choice has only allowed licences', () => {
  for (const expression of [
    'MIT',
    'GPL-3.0 OR MIT',
    '(MIT AND Zlib)',
    'MIT AND BSD-3-Clause',
    'GPL-2.0 OR MIT AND ISC',
  ])
    assert.equal(isAllowed(expression), true, expression);
  for (const expression of [
    '',
    'GPL-3.0',
    'MIT AND GPL-3.0',
    'MPL-2.0',
    'UNLICENSED',
    'MIT*',
    '(MIT OR (GPL-3.0))',
  ])
    assert.equal(isAllowed(expression), false, expression);
});

test('a package with another licence or none is reported, wherever it is installed', () => {
  const faults = licenceFaults([
    ours,
    ...others,
    { 'node_modules/a/node_modules/@b/c': { license: 'AGPL-3.0' }, 'node_modules/d': {} },
  ]);
  assert.equal(faults.length, 2);
  assert.match(faults[0]!, /^@b\/c: its licence is AGPL-3\.0/);
  assert.match(faults[1]!, /^d: its licence is not in the lock file/);
});

test('an exception that no package needs is reported', () => {
  const { 'node_modules/x11': _gone, ...packages } = ours;
  assert.match(licenceFaults([packages, ...others]).join(), /^x11: needs no exception/);
});
