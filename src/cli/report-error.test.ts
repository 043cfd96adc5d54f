import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountsError } from '../accounts/errors.ts';
import { ConfigError } from '../config/errors.ts';
import { CliError } from './errors.ts';
import { reportError } from './report-error.ts';

test('an error of ours is its message, its code and what to do', () => {
  assert.deepEqual(reportError(new AccountsError('ACCOUNTS_LAST_OWNER')), {
    text:
      'deskwire: The last owner can be neither removed nor demoted. (ACCOUNTS_LAST_OWNER)\n' +
      '  Make another user an owner first.\n',
    status: 1,
  });
  assert.equal(reportError(new ConfigError('CFG_UNKNOWN_FLAG', 'x')).status, 2);
  assert.equal(reportError(new ConfigError('CFG_BAD_VALUE', 'x')).status, 1);
  assert.equal(reportError(new CliError('CLI_INTERRUPTED')).status, 130);
});

test('the stack is for those who ask for it', () => {
  const error = new Error('oops');
  assert.equal(
    reportError(error).text,
    'deskwire: oops\n  Run it again with --log-level debug to see where.\n',
  );
  assert.match(reportError(error, true).text, /^ +at .*report-error\.test/m);
  assert.equal(reportError('text').status, 1);
});
