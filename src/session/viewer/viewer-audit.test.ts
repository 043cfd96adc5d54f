import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE_FORMS } from '../../../test/support/message-forms.ts';
import type { AuditEntry } from '../../audit/audit.ts';
import type { ClientMessage } from '../../protocol/client-messages.ts';
import { maySend } from './message-rights.ts';
import { ViewerAudit } from './viewer-audit.ts';

const WHO = { user: 'fred', pass: undefined, address: '::1', connection: 'c' };

function setUp() {
  const clock = { nowMs: 1 };
  const entries: AuditEntry[] = [];
  const audit = new ViewerAudit(
    { record: (entry) => entries.push(entry) },
    'websocket',
    WHO,
    () => clock.nowMs,
  );
  return { clock, entries, audit };
}

test('a thousand keys of a viewer are recorded once, without the keys, and again ten minutes later', () => {
  const { clock, entries, audit } = setUp();
  for (let i = 0; i < 1000; i++) audit.message('key', true);
  assert.deepEqual(entries, [{ door: 'input', what: 'key', code: undefined, outcome: 'done', ...WHO }]);
  clock.nowMs += 10 * 60_000;
  audit.message('key', true);
  assert.equal(entries.length, 2);
});

test('a refused message is recorded with its reason, even right after an allowed one of its kind', () => {
  const { entries, audit } = setUp();
  audit.message('setDesktopSize', true);
  audit.message('setDesktopSize', false);
  audit.message('setDesktopSize', false);
  assert.deepEqual(
    entries.map(({ door, outcome, code }) => [door, outcome, code]),
    [
      ['resize', 'done', undefined],
      ['resize', 'refused', 'AUDIT_NO_WRITE'],
    ],
  );
});

test('each kind of message that a viewer may not send without write is recorded as refused', () => {
  const types = Object.keys(MESSAGE_FORMS) as ClientMessage['type'][];
  const writing = types.filter((type) => !maySend(type, { read: true, write: false, owner: true }));
  assert.ok(writing.length > 5);
  const { entries, audit } = setUp();
  for (const type of writing) audit.message(type, false);
  assert.deepEqual(
    entries.map(({ what, code }) => [what, code]),
    writing.map((type) => [type, 'AUDIT_NO_WRITE']),
  );
});

test('messages about the viewer’s own picture are not recorded', () => {
  const { entries, audit } = setUp();
  for (const type of ['updateRequest', 'fence', 'setEncodings', 'keepAlive', 'networkStats'] as const)
    audit.message(type, true);
  assert.deepEqual(entries, []);
});

test('each reason for which a rule refuses something is recorded, without the text and the key', () => {
  const { entries, audit } = setUp();
  for (let i = 0; i < 3; i++) {
    audit.clipboardRefused('toClient', 'disabled');
    audit.clipboardRefused('toServer', 'too large');
    audit.clipboardRefused('toServer', 'too soon');
    audit.inputRefused('key', 'AUDIT_KEY_RATE');
    audit.inputRefused('pointer', 'AUDIT_CONCEALED');
  }
  assert.deepEqual(
    entries.map(({ door, outcome, what, code }) => [door, outcome, what, code]),
    [
      ['clipboard', 'refused', 'offered', 'AUDIT_CLIPBOARD_OFF'],
      ['clipboard', 'refused', 'set', 'AUDIT_CLIPBOARD_SIZE'],
      ['clipboard', 'refused', 'set', 'AUDIT_CLIPBOARD_RATE'],
      ['input', 'refused', 'key', 'AUDIT_KEY_RATE'],
      ['input', 'refused', 'pointer', 'AUDIT_CONCEALED'],
    ],
  );
});
