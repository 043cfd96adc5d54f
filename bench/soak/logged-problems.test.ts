import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loggedProblems } from './logged-problems.ts';

test('warnings, errors and plain text in a log are problems; news, and what a viewer caused, are not', () => {
  const news = '{"level":30,"msg":"A viewer has come"}';
  const lagged = '{"level":40,"code":"RFB_NOT_READING","msg":"The peer does not read what it asked for."}';
  const malformed = '{"level":40,"code":"RFB_MALFORMED","msg":"…"}';
  const warning = '{"level":40,"msg":"A capture failed"}';
  const error = '{"level":50,"code":"RFB_NOT_READING"}';
  const plain = '(node:7) MaxListenersExceededWarning: Possible memory leak';
  const late = '{"level":40,"err":{"code":"DESKTOP_TIMEOUT","message":"the desktop did not answer in time"}}';
  const failed = '{"level":50,"err":{"code":"SESSION_SCREENSHOT_FAILED","message":"no memory"}}';
  const lines = [news, lagged, malformed, warning, '', error, plain, late, failed, ''];
  assert.deepEqual(loggedProblems(lines.join('\n')), {
    errors: [malformed, warning, error, plain, failed],
    late: [late],
  });
  assert.deepEqual(loggedProblems(''), { errors: [], late: [] });
});
