import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { waitFor } from '../../../test/support/wait-for.ts';
import { type Certificate, DAY_MS, loadCertificate } from './certificate.ts';
import { CertificateRenewal } from './certificate-renewal.ts';

/** The self-signed certificate is valid for 825 days and renewed 30 days before its end. */
const STILL_GOOD_MS = 790 * DAY_MS;
const DUE_MS = 796 * DAY_MS;

/** A certificate, its clock, and the renewed certificates so far. */
async function setUp(t: TestContext, options: { checkMs?: number } = {}) {
  const data = await mkdtemp(join(tmpdir(), 'deskwire-renewal-'));
  const lines: { level: number; msg: string }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const startMs = Date.now();
  const clock = { laterMs: 0 };
  const now = (): number => startMs + clock.laterMs;
  const all = { cert: undefined, key: undefined, data, log, now };
  const current = await loadCertificate(all);
  const renewed: Certificate[] = [];
  const renewal = new CertificateRenewal({
    ...all,
    ...(options.checkMs && { checkMs: options.checkMs }),
    current,
    onRenewed: (certificate) => renewed.push(certificate),
  });
  t.after(async () => {
    await renewal.close();
    await rm(data, { recursive: true, force: true });
  });
  const kept = (): Certificate => ({
    cert: readFileSync(join(data, 'cert.pem'), 'utf8'),
    key: readFileSync(join(data, 'key.pem'), 'utf8'),
  });
  return { data, clock, current, renewed, renewal, kept, lines };
}

test('the self-signed certificate is renewed once before it expires, and stored', async (t) => {
  const { clock, current, renewed, renewal, kept } = await setUp(t);
  clock.laterMs = STILL_GOOD_MS;
  await renewal.check();
  assert.equal(renewed.length, 0);
  clock.laterMs = DUE_MS;
  await renewal.check();
  await renewal.check();
  assert.equal(renewed.length, 1);
  assert.notEqual(renewed[0]!.cert, current.cert);
  assert.deepEqual(kept(), renewed[0]);
});

test('the certificate is renewed without being asked for', async (t) => {
  const { clock, renewed } = await setUp(t, { checkMs: 5 });
  clock.laterMs = DUE_MS;
  await waitFor('the new certificate', () => renewed.length > 0);
});

test('a certificate that another server has made in the data folder is taken over', async (t) => {
  const { data, renewed, renewal } = await setUp(t);
  const other = await setUp(t);
  for (const file of ['key.pem', 'cert.pem']) copyFileSync(join(other.data, file), join(data, file));
  await renewal.check();
  assert.deepEqual(renewed, [other.current]);
});

test('a renewal that fails is logged and tried again', async (t) => {
  const { data, clock, renewed, renewal, lines } = await setUp(t);
  rmSync(data, { recursive: true });
  writeFileSync(data, 'a file where the folder was');
  clock.laterMs = DUE_MS;
  await renewal.check();
  assert.equal(lines.filter(({ level }) => level === 50).length, 1);
  assert.deepEqual(renewed, []);
  rmSync(data);
  await renewal.check();
  assert.equal(renewed.length, 1);
});

test('after close nothing is renewed, not even by a check that is in progress', async (t) => {
  const { clock, renewed, renewal, kept } = await setUp(t);
  clock.laterMs = DUE_MS;
  const underWay = renewal.check();
  await renewal.close();
  await underWay;
  assert.deepEqual(renewed, []);
  const left = kept();
  clock.laterMs = 2 * DUE_MS;
  await renewal.check();
  assert.deepEqual(kept(), left);
});
