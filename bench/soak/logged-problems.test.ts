import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beganTooLate, loggedProblems } from './logged-problems.ts';

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

test('a caller that is greeted as a VNC viewer because its TLS began late is told from other errors of TLS', () => {
  const greeted =
    'write EPROTO 406D:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:tlsany_meth.c:77:\n';
  assert.equal(beganTooLate(new Error(greeted)), true);
  assert.equal(
    beganTooLate(new Error('write EPROTO 406D:error:0A000126:SSL routines::unexpected eof')),
    false,
  );
});
