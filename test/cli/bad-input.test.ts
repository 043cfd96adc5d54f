import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DeskwireProcess } from '../support/deskwire-process.ts';
import { waitFor } from '../support/wait-for.ts';

const CLI = fileURLToPath(new URL('../../src/cli/deskwire.ts', import.meta.url));
const USAGE = 2;
const FAILED = 1;

const work = mkdtempSync(join(tmpdir(), 'deskwire-bad-input-'));
const data = join(work, 'data');
const users = join(data, 'users.json');
let usersText: string;

/** Makes users and a certificate, as a first start does. They must be there after each start that fails. */
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

/** Names that a server has left in shared memory. They have its process id in them. */
const leftBy = (server: DeskwireProcess): string[] =>
  readdirSync('/dev/shm').filter((name) => name.includes(`-${server.child.pid}-`));

/** A shell in the desktop's terminal ends only once it sees that the terminal has gone. */
const assertAllEnd = (server: DeskwireProcess): Promise<true> =>
  waitFor('every process of the server to end', () => server.survivors().length === 0);

/** Asserts that the server ends with a code, tells the mistake and its remedy, and leaves nothing behind. */
async function assertRefused(
  flags: readonly string[],
  { code, says, status = FAILED }: { code: string; says: RegExp; status?: number },
): Promise<void> {
  const folderBefore = readdirSync(data).sort();
  await using server = serve(...flags);
  assert.equal(await server.ended, status, server.stderr);
  // The server may log before this that it made a certificate.
  assert.match(server.stderr, new RegExp(`^deskwire: .*\\(${code}\\)$`, 'm'));
  assert.match(server.stderr, says);
  assert.doesNotMatch(server.stderr, /^ +at /m, 'no stack');
  assert.equal(server.stdout, '');
  await assertAllEnd(server);
  assert.deepEqual(leftBy(server), []);
  assert.deepEqual(readdirSync(data).sort(), folderBefore);
  assert.equal(readFileSync(users, 'utf8'), usersText);
}

test('a port that another program uses stops the start', async () => {
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

test('a data folder that cannot be written stops the start', async () => {
  // Even root makes no folder below a file.
  const blocked = join(work, 'file');
  writeFileSync(blocked, '');
  await assertRefused(['--port', '0', '--data', join(blocked, 'data')], {
    code: 'ACCOUNTS_STORE_UNWRITABLE',
    says: /--data/,
  });
  assert.equal(readFileSync(blocked, 'utf8'), '');
});

test('a mistake in the configuration file stops the start with its line and key', async () => {
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

test('flags that are unknown, incomplete or contradictory stop the start', async () => {
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

test('an X display that does not exist stops the start', async () => {
  await assertRefused(['--port', '0', '--display', ':59999'], {
    code: 'DESKTOP_NO_DISPLAY',
    says: /:59999[\s\S]*leave --display out/,
  });
});

test('an address that this machine does not have stops the start', async () => {
  await assertRefused(['--port', '0', '--listen', '192.0.2.1'], {
    code: 'HTTP_BAD_ADDRESS',
    says: /192\.0\.2\.1[\s\S]*--listen/,
  });
});

test('a certificate that is unreadable or invalid stops the start', async () => {
  const none = join(work, 'none.pem');
  const files = (cert: string): string[] => ['--port', '0', '--cert', cert, '--key', join(data, 'key.pem')];
  await assertRefused(files(none), { code: 'HTTP_CERT_UNREADABLE', says: /none\.pem/ });
  const text = join(work, 'text.pem');
  writeFileSync(text, 'no certificate');
  await assertRefused(files(text), { code: 'HTTP_CERT_INVALID', says: /text\.pem|PEM/ });
});

test('a broken user file stops the start and stays as it is', async () => {
  writeFileSync(users, '{');
  try {
    await using server = serve('--port', '0');
    assert.equal(await server.ended, FAILED);
    assert.match(server.stderr, /\(ACCOUNTS_STORE_BROKEN\)/);
    assert.equal(readFileSync(users, 'utf8'), '{');
    await assertAllEnd(server);
  } finally {
    writeFileSync(users, usersText);
  }
});

test('a machine without Xvfb stops the start', async () => {
  const server = new DeskwireProcess(process.execPath, [CLI, 'serve', '--data', data, '--port', '0'], {
    env: { PATH: dirname(process.execPath) },
  });
  await using running = server;
  assert.equal(await running.ended, FAILED);
  assert.match(running.stderr, /\(DESKTOP_NO_XVFB\)/);
  assert.match(running.stderr, /apt-get install/);
});
