import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DeskwireProcess } from '../support/deskwire-process.ts';

const CLI = fileURLToPath(new URL('../../src/cli/deskwire.ts', import.meta.url));
const USAGE = 2;
const FAILED = 1;

const work = mkdtempSync(join(tmpdir(), 'deskwire-bad-input-'));
const data = join(work, 'data');
const users = join(data, 'users.json');
let usersText: string;

/** Users and a certificate are there, as after a first start; they must be there after each failed one. */
before(async () => {
  await using server = serve('--port', '0', '--owner', 'ada');
  await server.ready();
  server.signal('SIGTERM');
  assert.equal(await server.ended, 0);
  usersText = readFileSync(users, 'utf8');
});
after(() => rmSync(work, { recursive: true }));

function serve(...flags: string[]): DeskwireProcess {
  return new DeskwireProcess(process.execPath, [CLI, 'serve', '--data', data, ...flags]);
}

/** What a server has left in shared memory: its names have its process id in them. */
const leftBy = (server: DeskwireProcess): string[] =>
  readdirSync('/dev/shm').filter((name) => name.includes(`-${server.child.pid}-`));

/** It ends by itself with a code, says what is wrong and what to do, and leaves nothing behind. */
async function assertRefused(
  flags: readonly string[],
  { code, says, status = FAILED }: { code: string; says: RegExp; status?: number },
): Promise<void> {
  const folderBefore = readdirSync(data).sort();
  await using server = serve(...flags);
  assert.equal(await server.ended, status, server.stderr);
  // A certificate that was made on the way is told first.
  assert.match(server.stderr, new RegExp(`^deskwire: .*\\(${code}\\)$`, 'm'));
  assert.match(server.stderr, says);
  assert.doesNotMatch(server.stderr, /^ +at /m, 'no stack');
  assert.equal(server.stdout, '');
  assert.deepEqual(server.survivors(), []);
  assert.deepEqual(leftBy(server), []);
  assert.deepEqual(readdirSync(data).sort(), folderBefore);
  assert.equal(readFileSync(users, 'utf8'), usersText);
}

test('a port that is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  try {
    const says = new RegExp(`${port}[\\s\\S]*--port`);
    await assertRefused(['--port', String(port)], { code: 'HTTP_PORT_BUSY', says });
  } finally {
    other.close();
  }
});

test('a data folder that cannot be written', async () => {
  // Even root makes no folder below a file.
  const blocked = join(work, 'file');
  writeFileSync(blocked, '');
  await assertRefused(['--port', '0', '--data', join(blocked, 'data')], {
    code: 'ACCOUNTS_STORE_UNWRITABLE',
    says: /--data/,
  });
  assert.equal(readFileSync(blocked, 'utf8'), '');
});

test('a configuration file with a mistake: line and key', async () => {
  const file = join(work, 'deskwire.yaml');
  const refused = (yaml: string, code: string, says: RegExp): Promise<void> => {
    writeFileSync(file, yaml);
    return assertRefused(['--config', file], { code, says });
  };
  await refused('port: 0\nsize: "640x480\n', 'CFG_YAML_BROKEN', /deskwire\.yaml, line \d/);
  await refused('port: 0\nszie: 640x480\n', 'CFG_UNKNOWN_KEY', /line 2.*"szie"[\s\S]*size/);
  await refused('# sizes\nport: 0\nsize: large\n', 'CFG_BAD_VALUE', /line 3.*size/);
  await assertRefused(['--config', join(work, 'none.yaml')], {
    code: 'CFG_FILE_UNREADABLE',
    says: /none\.yaml/,
  });
});

test('flags that cannot be', async () => {
  await assertRefused(['--prot', '0'], {
    code: 'CFG_UNKNOWN_FLAG',
    says: /--prot[\s\S]*--port/,
    status: USAGE,
  });
  await assertRefused(['--port'], { code: 'CFG_FLAG_NEEDS_VALUE', says: /--port/, status: USAGE });
  await assertRefused(['--port', '0', '--size', '800x600', '--max-size', '640x480'], {
    code: 'CFG_MAX_SIZE_TOO_SMALL',
    says: /640x480 is smaller .*800x600/,
  });
  await assertRefused(['--port', '0', '--cert', join(data, 'cert.pem')], {
    code: 'CFG_CERT_WITHOUT_KEY',
    says: /--key/,
  });
});

test('a display that is not there', async () => {
  await assertRefused(['--port', '0', '--display', ':59999'], {
    code: 'DESKTOP_NO_DISPLAY',
    says: /:59999[\s\S]*leave --display out/,
  });
});

test('an address that this machine does not have', async () => {
  await assertRefused(['--port', '0', '--listen', '192.0.2.1'], {
    code: 'HTTP_BAD_ADDRESS',
    says: /192\.0\.2\.1[\s\S]*--listen/,
  });
});

test('a certificate that cannot be read, or is none', async () => {
  const none = join(work, 'none.pem');
  const files = (cert: string): string[] => ['--port', '0', '--cert', cert, '--key', join(data, 'key.pem')];
  await assertRefused(files(none), { code: 'HTTP_CERT_UNREADABLE', says: /none\.pem/ });
  const text = join(work, 'text.pem');
  writeFileSync(text, 'no certificate');
  await assertRefused(files(text), { code: 'HTTP_CERT_INVALID', says: /text\.pem|PEM/ });
});

test('a user file that is broken stays as it is', async () => {
  writeFileSync(users, '{');
  try {
    await using server = serve('--port', '0');
    assert.equal(await server.ended, FAILED);
    assert.match(server.stderr, /\(ACCOUNTS_STORE_BROKEN\)/);
    assert.equal(readFileSync(users, 'utf8'), '{');
    assert.deepEqual(server.survivors(), []);
  } finally {
    writeFileSync(users, usersText);
  }
});

test('no Xvfb on the machine', async () => {
  const server = new DeskwireProcess(process.execPath, [CLI, 'serve', '--data', data, '--port', '0'], {
    env: { PATH: dirname(process.execPath) },
  });
  await using running = server;
  assert.equal(await running.ended, FAILED);
  assert.match(running.stderr, /\(DESKTOP_NO_XVFB\)/);
  assert.match(running.stderr, /apt-get install/);
});
