import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import type { Certificate } from './certificate.ts';
import { loadCertificate, readPair } from './certificate.ts';
import { CertificateReload } from './certificate-reload.ts';

const silent = pino({ level: 'silent' });

/** Makes self-signed pairs, each with another key. */
async function makePairs(count: number): Promise<Certificate[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const data = mkdtempSync(join(tmpdir(), 'deskwire-pair-'));
      const pair = await loadCertificate({ cert: undefined, key: undefined, data, log: silent });
      rmSync(data, { recursive: true });
      return pair;
    }),
  );
}

const [OLD, NEW, NEXT] = (await makePairs(3)) as [Certificate, Certificate, Certificate];
const WARN = 40;

/** Files with the pair OLD, at paths that `place` makes in a folder, and what watches them. */
async function setUp(t: TestContext, place: (folder: string) => { cert: string; key: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-reload-'));
  const files = place(folder);
  const lines: { level: number; msg: string }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const current = await loadCertificate({ ...files, data: folder, log });
  assert.deepEqual(current, OLD);
  const served: Certificate[] = [];
  let readings = 0;
  const reload = new CertificateReload({
    files,
    log,
    current,
    onRenewed: (pair) => served.push(pair),
    read: (paths) => {
      readings++;
      return readPair(paths);
    },
  });
  t.after(async () => {
    await reload.close();
    rmSync(folder, { recursive: true });
  });
  const warnings = (): number => lines.filter(({ level }) => level === WARN).length;
  return { folder, files, reload, served, warnings, readings: () => readings };
}

function inFolder(folder: string): { cert: string; key: string } {
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  write(files, OLD);
  return files;
}

/** Time of the file that was written last, in seconds: each has another, however coarse the clock of the files is. */
let writtenS = 1_600_000_000;

function put(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  writtenS++;
  utimesSync(path, writtenS, writtenS);
}

function write(files: { cert: string; key: string }, pair: Certificate): void {
  put(files.key, pair.key);
  put(files.cert, pair.cert);
}

test('a certificate whose files are written anew is served after two looks, once', async (t) => {
  const { files, reload, served, warnings } = await setUp(t, inFolder);
  await reload.look();
  write(files, NEW);
  await reload.look();
  assert.deepEqual(served, []);
  await reload.look();
  await reload.look();
  assert.deepEqual(served, [NEW]);
  assert.equal(warnings(), 0);
});

test('files that a rename replaces are served', async (t) => {
  const { folder, files, reload, served } = await setUp(t, inFolder);
  const fresh = { cert: join(folder, 'new-cert'), key: join(folder, 'new-key') };
  write(fresh, NEW);
  renameSync(fresh.cert, files.cert);
  renameSync(fresh.key, files.key);
  await reload.look();
  await reload.look();
  assert.deepEqual(served, [NEW]);
});

test('links of each file to another version, as certbot makes them, are followed', async (t) => {
  const version = (folder: string, number: number, pair: Certificate): void => {
    const archive = {
      cert: join(folder, `archive/cert${number}.pem`),
      key: join(folder, `archive/key${number}.pem`),
    };
    write(archive, pair);
    for (const name of ['cert', 'key'] as const) {
      symlinkSync(`../archive/${name}${number}.pem`, join(folder, `live/${name}.new`));
      renameSync(join(folder, `live/${name}.new`), join(folder, `live/${name}.pem`));
    }
  };
  const { folder, reload, served } = await setUp(t, (where) => {
    mkdirSync(join(where, 'archive'));
    mkdirSync(join(where, 'live'));
    version(where, 1, OLD);
    return { cert: join(where, 'live/cert.pem'), key: join(where, 'live/key.pem') };
  });
  version(folder, 2, NEW);
  await reload.look();
  await reload.look();
  version(folder, 3, NEXT);
  await reload.look();
  await reload.look();
  assert.deepEqual(served, [NEW, NEXT]);
});

test('a folder behind a link that is exchanged, as Kubernetes mounts secrets, is followed', async (t) => {
  const version = (folder: string, name: string, pair: Certificate): void => {
    mkdirSync(join(folder, name));
    write({ cert: join(folder, name, 'tls.crt'), key: join(folder, name, 'tls.key') }, pair);
    symlinkSync(name, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  const { folder, reload, served } = await setUp(t, (where) => {
    version(where, '..2026_01', OLD);
    for (const name of ['tls.crt', 'tls.key']) symlinkSync(`..data/${name}`, join(where, name));
    return { cert: join(where, 'tls.crt'), key: join(where, 'tls.key') };
  });
  version(folder, '..2026_02', NEW);
  rmSync(join(folder, '..2026_01'), { recursive: true });
  await reload.look();
  await reload.look();
  assert.deepEqual(served, [NEW]);
});

for (const first of ['cert', 'key'] as const) {
  test(`a pair whose ${first} has been replaced alone is not served until the other one is too`, async (t) => {
    const { files, reload, served, warnings } = await setUp(t, inFolder);
    put(files[first], NEW[first]);
    for (let look = 0; look < 4; look++) await reload.look();
    assert.deepEqual(served, []);
    assert.equal(warnings(), 1, 'it is reported once');
    write(files, NEW);
    await reload.look();
    await reload.look();
    assert.deepEqual(served, [NEW]);
  });
}

test('a file that is being written, is missing for a moment, or is no certificate is not served', async (t) => {
  const { files, reload, served, warnings } = await setUp(t, inFolder);
  for (const part of [0.1, 0.5, 0.9]) {
    put(files.cert, NEW.cert.slice(0, NEW.cert.length * part));
    await reload.look();
  }
  rmSync(files.key);
  await reload.look();
  assert.equal(warnings(), 0, 'each was there for one look only');
  await reload.look();
  assert.equal(warnings(), 1);
  write(files, { cert: 'nonsense', key: NEW.key });
  await reload.look();
  await reload.look();
  assert.equal(warnings(), 2);
  assert.deepEqual(served, []);
  write(files, OLD);
  await reload.look();
  await reload.look();
  assert.deepEqual(served, [], 'the pair that is served is back');
});

test('a chain that is written in two parts is served as a whole', async (t) => {
  const { files, reload, served } = await setUp(t, inFolder);
  write(files, NEW);
  await reload.look();
  const chain = { ...NEW, cert: `${NEW.cert}\n${NEXT.cert}` };
  write(files, chain);
  await reload.look();
  await reload.look();
  assert.deepEqual(served, [chain]);
});

test('a pair that is refused when it shall be served leaves the former one, and is reported once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-reload-'));
  const files = inFolder(folder);
  let refusals = 0;
  const onRenewed = (): void => {
    refusals++;
    throw new Error('no');
  };
  const reload = new CertificateReload({ files, log: silent, current: OLD, onRenewed });
  t.after(async () => {
    await reload.close();
    rmSync(folder, { recursive: true });
  });
  write(files, NEW);
  for (let look = 0; look < 4; look++) await reload.look();
  assert.equal(refusals, 1);
});

test('a pipe in the place of a file is reported once, and its writer is not waited for', async (t) => {
  const { files, reload, served, warnings } = await setUp(t, inFolder);
  rmSync(files.key);
  execFileSync('mkfifo', [files.key]);
  for (let look = 0; look < 4; look++) await reload.look();
  assert.deepEqual(served, []);
  assert.equal(warnings(), 1);
});

test('files whose times have not changed are not read again, whether they are served or not', async (t) => {
  const { files, reload, readings, warnings } = await setUp(t, inFolder);
  for (let look = 0; look < 5; look++) await reload.look();
  assert.equal(readings(), 2);
  put(files.key, NEW.key);
  for (let look = 0; look < 5; look++) await reload.look();
  assert.equal(readings(), 4);
  assert.equal(warnings(), 1);
});

test('a new pair of the same size whose files were given the times of the old ones is served', async (t) => {
  const { files, reload, served } = await setUp(t, inFolder);
  const padded = (pem: string, bytes: number): string => pem.padEnd(bytes, '\n');
  const bytes = { cert: OLD.cert.length + 100, key: OLD.key.length + 100 };
  const fill = (pair: Certificate): void => {
    write(files, { cert: padded(pair.cert, bytes.cert), key: padded(pair.key, bytes.key) });
    for (const path of [files.cert, files.key]) utimesSync(path, 1_700_000_000, 1_700_000_000);
  };
  fill(OLD);
  for (let look = 0; look < 3; look++) await reload.look();
  const changedNs = (): bigint[] =>
    [files.cert, files.key].map((path) => statSync(path, { bigint: true }).ctimeNs);
  const before = changedNs();
  // Until the clock of the files has gone on, of which some systems have a tick in 10 ms.
  do fill(NEW);
  while (changedNs().some((ns, i) => ns === before[i]));
  for (let look = 0; look < 3; look++) await reload.look();
  assert.equal(served.at(-1)?.cert.trim(), NEW.cert.trim());
});

test('files that come back with their times are the ones that are served, and are reported when they go again', async (t) => {
  const { folder, files, reload, served, warnings } = await setUp(t, inFolder);
  for (let look = 0; look < 3; look++) await reload.look();
  // A rename of the folder changes no time of its files, as an unmount does not.
  const away = `${folder}-away`;
  for (const times of [1, 2]) {
    renameSync(folder, away);
    for (let look = 0; look < 3; look++) await reload.look();
    assert.equal(warnings(), times);
    renameSync(away, folder);
    for (let look = 0; look < 3; look++) await reload.look();
  }
  write(files, NEW);
  for (let look = 0; look < 2; look++) await reload.look();
  assert.deepEqual(served, [NEW]);
});

test('after close nothing is served, not even by a look that is in progress', async (t) => {
  const { files, reload, served } = await setUp(t, inFolder);
  write(files, NEW);
  await reload.look();
  const underWay = reload.look();
  await reload.close();
  await underWay;
  await reload.look();
  assert.deepEqual(served, []);
});
