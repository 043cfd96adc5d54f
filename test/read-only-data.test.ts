import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { generate } from 'selfsigned';
import { openAccounts } from '../src/accounts/file-accounts.ts';
import { ensureOwner } from '../src/accounts/first-owner.ts';
import { loadCertificate } from '../src/http/tls/certificate.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const CHEAP = { algorithm: 'scrypt', logN: 4, blockSize: 8, lanes: 1 } as const;

/** Runs work as a user who may not write what root owns, if this is root. */
async function withoutRoot<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid!() !== 0) return work();
  process.seteuid!(65534);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}

test('a server starts on a complete data folder that is read-only, also when its certificate ends soon', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'deskwire-read-only-'));
  t.after(() => rmSync(data, { recursive: true }));
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const certificate = () => loadCertificate({ cert: undefined, key: undefined, data, log });
  const made = await certificate();
  const accounts = await openAccounts({ folder: data, cost: CHEAP });
  await ensureOwner(accounts, { name: 'ada', password: 'secret' });
  await accounts.close();

  const start = async (): Promise<string> => {
    const problems: unknown[] = [];
    const opened = await openAccounts({
      folder: data,
      cost: CHEAP,
      onProblem: (problem) => problems.push(problem),
    });
    try {
      assert.equal(await ensureOwner(opened, { name: 'bob', password: undefined }), undefined);
      assert.equal((await opened.verify('ada', 'secret'))?.owner, true);
      assert.deepEqual(problems, []);
      return (await certificate()).cert;
    } finally {
      await opened.close();
    }
  };
  const readOnly = () => {
    for (const name of readdirSync(data)) chmodSync(join(data, name), 0o444);
    chmodSync(data, 0o555);
  };
  readOnly();
  assert.equal(await withoutRoot(start), made.cert);
  assert.deepEqual(lines, []);

  chmodSync(data, 0o755);
  for (const name of ['cert.pem', 'key.pem']) chmodSync(join(data, name), 0o644);
  const ending = await generate(undefined, {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(0),
    notAfterDate: new Date(Date.now() + 29 * DAY_MS),
  });
  writeFileSync(join(data, 'cert.pem'), ending.cert);
  writeFileSync(join(data, 'key.pem'), ending.private);
  readOnly();
  assert.equal(await withoutRoot(start), ending.cert);
  assert.match(lines.join(''), /expires soon, and cannot be renewed/);
  chmodSync(data, 0o755);
});
