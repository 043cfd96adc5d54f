import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountsError } from '../accounts/errors.ts';
import { ConfigError } from '../config/errors.ts';
import { CliError } from './errors.ts';
import { reportError } from './report-error.ts';

test('a Deskwire error is reported by its message, its code and advice', () => {
  assert.deepEqual(reportError(new AccountsError('ACCOUNTS_LAST_OWNER'), 'unexpected'), {
    text:
      'deskwire: The last owner can be neither removed nor demoted. (ACCOUNTS_LAST_OWNER)\n' +
      '  Make another user an owner first.\n',
    status: 1,
  });
  assert.equal(reportError(new ConfigError('CFG_UNKNOWN_FLAG', 'x'), 'none').status, 2);
  assert.equal(reportError(new ConfigError('CFG_BAD_VALUE', 'x'), 'none').status, 1);
  assert.equal(reportError(new CliError('CLI_INTERRUPTED'), 'none').status, 130);
});

test('a stack is printed only where the command can show it', () => {
  const error = new Error('oops');
  assert.equal(
    reportError(error, 'none').text,
    'deskwire: oops\n  Run it again with --log-level debug to see where.\n',
  );
  for (const stacksOf of ['all', 'unexpected'] as const) {
    const { text } = reportError(error, stacksOf);
    assert.match(text, /^ +at .*report-error\.test/m);
    assert.doesNotMatch(
      text,
      /--log-level/,
      'the advice does not name a flag that is already given or does not exist',
    );
  }
  const known = new ConfigError('CFG_BAD_VALUE', 'x');
  assert.doesNotMatch(reportError(known, 'unexpected').text, /^ +at /m);
  assert.match(reportError(known, 'all').text, /^ +at /m);
  assert.equal(reportError('text', 'none').status, 1);
});
