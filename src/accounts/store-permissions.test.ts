import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeFile, judgeFolder } from './store-permissions.ts';

const OURS = 1000;
const FOREIGN = 1001;
const verdict = (fault: { readonly isRefused: boolean } | undefined): string =>
  fault === undefined ? 'fine' : fault.isRefused ? 'refused' : 'warned about';

test('a user file that another user may have written is refused, and one that others may read is warned about', () => {
  for (const [uid, mode, folderUid, ourUid, expected] of [
    [OURS, 0o600, OURS, OURS, 'fine'],
    [OURS, 0o400, OURS, OURS, 'fine'],
    [0, 0o600, OURS, OURS, 'fine'],
    [0, 0o440, 0, OURS, 'warned about'],
    [OURS, 0o644, OURS, OURS, 'warned about'],
    [OURS, 0o640, OURS, OURS, 'warned about'],
    [OURS, 0o660, OURS, OURS, 'warned about'],
    [OURS, 0o666, OURS, OURS, 'refused'],
    [OURS, 0o602, OURS, OURS, 'refused'],
    [0, 0o666, 0, 0, 'refused'],
    [FOREIGN, 0o600, OURS, OURS, 'refused'],
    [FOREIGN, 0o600, FOREIGN, OURS, 'refused'],
    [FOREIGN, 0o600, FOREIGN, 0, 'warned about'],
    [FOREIGN, 0o600, 0, 0, 'refused'],
  ] as const) {
    const fault = judgeFile({ uid, mode }, { uid: folderUid, mode: 0o700 }, ourUid);
    assert.equal(verdict(fault), expected, `owner ${uid}, mode ${mode.toString(8)}, for user ${ourUid}`);
  }
});

test('a data folder in which others may replace files is warned about', () => {
  for (const [uid, mode, ourUid, expected] of [
    [OURS, 0o700, OURS, 'fine'],
    [OURS, 0o755, OURS, 'fine'],
    [0, 0o755, OURS, 'fine'],
    [FOREIGN, 0o700, 0, 'fine'],
    [FOREIGN, 0o755, OURS, 'warned about'],
    [OURS, 0o775, OURS, 'warned about'],
    [0, 0o1777, OURS, 'fine'],
    [OURS, 0o777, OURS, 'warned about'],
    [0, 0o702, 0, 'warned about'],
  ] as const) {
    const found = judgeFolder({ uid, mode }, ourUid) === undefined ? 'fine' : 'warned about';
    assert.equal(found, expected, `owner ${uid}, mode ${mode.toString(8)}, for user ${ourUid}`);
  }
});
