import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { generate } from 'selfsigned';
import { loadCertificate } from './certificate.ts';

const data = mkdtempSync(join(tmpdir(), 'deskwire-certificate-'));
after(() => rmSync(data, { recursive: true }));
const log = pino({ enabled: false });
const DAY_MS = 24 * 60 * 60 * 1000;

async function pairEndingIn(days: number): Promise<{ cert: string; key: string }> {
  const notAfterDate = new Date(Date.now() + days * DAY_MS);
  const made = await generate(undefined, {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(0),
    notAfterDate,
  });
  return { cert: made.cert, key: made.private };
}

const own = () => loadCertificate({ cert: undefined, key: undefined, data, log });

test('the self-signed certificate names this machine, and only its owner may read the key', async () => {
  const certificate = new X509Certificate((await own()).cert);
  for (const name of ['localhost', hostname()]) assert.ok(certificate.checkHost(name), name);
  for (const address of ['127.0.0.1', '::1']) assert.ok(certificate.checkIP(address), address);
  assert.equal(certificate.checkHost('elsewhere.example'), undefined);
  assert.ok(certificate.verify(certificate.publicKey));
  assert.equal(certificate.ca, false);
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  assert.equal(statSync(join(data, 'key.pem')).mode & 0o777, 0o600);
});

test('the self-signed certificate has the names listened at, and is made anew for another one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-names-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const load = (needed: readonly string[], present: readonly string[] = []) =>
    loadCertificate({ cert: undefined, key: undefined, data: folder, log, names: { needed, present } });
  const first = await load(['192.0.2.7', 'desk.example'], ['2001:db8::7']);
  const certificate = new X509Certificate(first.cert);
  for (const name of ['desk.example', 'localhost']) assert.ok(certificate.checkHost(name), name);
  for (const address of ['192.0.2.7', '2001:db8::7', '127.0.0.1'])
    assert.ok(certificate.checkIP(address), address);
  // Other addresses of the machine make no other certificate, which clients would have to trust anew.
  assert.deepEqual(await load(['192.0.2.7'], ['198.51.100.1']), first);
  const second = new X509Certificate((await load(['192.0.2.8'])).cert);
  assert.ok(second.checkIP('192.0.2.8'));
});

test('the self-signed certificate is made once, and again if it is broken or expires within 30 days', async () => {
  const first = await own();
  assert.deepEqual(await own(), first);

  const lasting = await pairEndingIn(31);
  writeFileSync(join(data, 'cert.pem'), lasting.cert);
  writeFileSync(join(data, 'key.pem'), lasting.key);
  assert.deepEqual(await own(), lasting);

  const ending = await pairEndingIn(29);
  writeFileSync(join(data, 'cert.pem'), ending.cert);
  writeFileSync(join(data, 'key.pem'), ending.key);
  const renewed = await own();
  assert.notDeepEqual(renewed, ending);

  writeFileSync(join(data, 'key.pem'), first.key);
  assert.notEqual((await own()).cert, renewed.cert);
  assert.deepEqual(await own(), {
    cert: readFileSync(join(data, 'cert.pem'), 'utf8'),
    key: readFileSync(join(data, 'key.pem'), 'utf8'),
  });
});

test('certificate files that are missing, invalid or do not match are refused with their codes', async () => {
  const [one, other] = [await pairEndingIn(100), await pairEndingIn(100)];
  const file = (name: string, text: string): string => {
    writeFileSync(join(data, name), text);
    return join(data, name);
  };
  const cert = file('given-cert.pem', one.cert);
  const key = file('given-key.pem', one.key);
  assert.deepEqual(await loadCertificate({ cert, key, data, log }), one);

  const refused = (options: { cert?: string; key?: string }, code: string) =>
    assert.rejects(loadCertificate({ cert: options.cert, key: options.key, data, log }), { code });
  await refused({ cert }, 'HTTP_CERT_UNREADABLE');
  await refused({ cert: join(data, 'none'), key }, 'HTTP_CERT_UNREADABLE');
  await refused({ cert: file('junk', 'junk'), key }, 'HTTP_CERT_INVALID');
  await refused({ cert, key: file('other-key.pem', other.key) }, 'HTTP_CERT_MISMATCH');
});

test('a data folder that cannot be written is refused with a code', async () => {
  const inAFile = join(data, 'key.pem', 'below');
  await assert.rejects(loadCertificate({ cert: undefined, key: undefined, data: inAFile, log }), {
    code: 'HTTP_CERT_UNWRITABLE',
  });
});

test('a key that other users may read is used with a warning, and one that a group may read without', async () => {
  const pair = await pairEndingIn(100);
  const [cert, key] = [join(data, 'given.cert'), join(data, 'given.key')];
  writeFileSync(cert, pair.cert);
  writeFileSync(key, pair.key);
  const warnings = async (mode: number): Promise<number> => {
    chmodSync(key, mode);
    let lines = 0;
    const counting = pino({ level: 'warn' }, { write: () => void lines++ });
    assert.deepEqual(await loadCertificate({ cert, key, data, log: counting }), pair);
    return lines;
  };
  assert.deepEqual([await warnings(0o644), await warnings(0o640), await warnings(0o600)], [1, 0, 0]);
});

test('a FIFO in place of a certificate or a key is refused, and no start waits for its writer', async () => {
  const fifo = join(data, 'fifo');
  execFileSync('mkfifo', [fifo]);
  await assert.rejects(loadCertificate({ cert: fifo, key: fifo, data, log }), {
    code: 'HTTP_CERT_UNREADABLE',
  });
  rmSync(join(data, 'key.pem'), { force: true });
  execFileSync('mkfifo', [join(data, 'key.pem')]);
  const { key } = await own();
  assert.match(key, /PRIVATE KEY/);
});
