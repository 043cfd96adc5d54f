import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openAccounts } from '../accounts/file-accounts.ts';
import { CONFIG_FLAGS } from '../config/load-config.ts';
import { serveHelp, userHelp } from './help.ts';
import { user } from './user.ts';

const PROGRAM = fileURLToPath(new URL('./deskwire.ts', import.meta.url));

/** Returns a data folder, and the command to run on it. */
function setUp(t: TestContext) {
  const data = mkdtempSync(join(tmpdir(), 'deskwire-cli-'));
  t.after(() => rmSync(data, { recursive: true }));
  const env = { ...process.env, XDG_DATA_HOME: '/nonexistent', DESKWIRE_DATA: data };
  const run = (args: readonly string[], input = '') => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
      input,
      env,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  const verify = async (name: string, password: string) => {
    const accounts = await openAccounts({ folder: data });
    try {
      return await accounts.verify(name, password);
    } finally {
      await accounts.close();
    }
  };
  return { data, env, run, verify };
}

test('deskwire user adds and lists users, changes their passwords and removes them', async (t) => {
  const { run, verify } = setUp(t);
  const ok = (stdout: string) => ({ status: 0, stdout, stderr: '' });
  assert.deepEqual(
    run(['user', 'add', 'fred', '--write'], 'first\nsecond\n'),
    ok('Added fred (read, write).\n'),
  );
  assert.deepEqual(run(['user', 'add', 'boss', '--owner', '--read'], 'x'), ok('Added boss (read, owner).\n'));
  assert.deepEqual(run(['user', 'add', '--', '--odd'], 'x\r\n'), ok('Added --odd (no rights).\n'));
  assert.deepEqual(await verify('fred', 'first'), { name: 'fred', read: true, write: true, owner: false });
  assert.equal((await verify('--odd', 'x'))?.name, '--odd');
  const table = 'NAME   RIGHTS\nfred   read, write\nboss   read, owner\n--odd  no rights\n';
  assert.deepEqual(run(['user', 'list']), ok(table));
  assert.deepEqual(run(['user', 'passwd', 'fred'], 'other\n'), ok('Changed the password of fred.\n'));
  assert.equal(await verify('fred', 'first'), undefined);
  assert.equal((await verify('fred', 'other'))?.write, true);
  assert.deepEqual(run(['user', 'remove', 'fred']), ok('Removed fred.\n'));
  assert.equal(await verify('fred', 'other'), undefined);
});

test('an error of the command line has its code and advice, without a stack', (t) => {
  const { run, data } = setUp(t);
  const yaml = join(data, 'c.yaml');
  writeFileSync(yaml, 'port: 1\nprot: 2\n');
  const cases: [string[], string, number][] = [
    [['--prot', '1'], 'CFG_UNKNOWN_FLAG', 2],
    [['sevre'], 'CLI_UNKNOWN_COMMAND', 2],
    [['--config', yaml], 'CFG_UNKNOWN_KEY', 1],
    [['user', 'add', 'fred'], 'CLI_PASSWORD_MISSING', 1],
  ];
  for (const [args, code, status] of cases) {
    const result = run(args);
    assert.equal(result.status, status, `${args}: ${result.stderr}`);
    assert.match(result.stderr, new RegExp(`^deskwire: .* \\(${code}\\)\\n`), args.join(' '));
    assert.doesNotMatch(result.stderr, /^ +at /m);
    assert.equal(result.stdout, '');
  }
});

test('deskwire user refuses an impossible command before it asks for a password', async (t) => {
  const { data, run } = setUp(t);
  run(['user', 'add', 'boss', '--owner'], 'x');
  const cases: [string[], string][] = [
    [[], 'CLI_UNKNOWN_COMMAND'],
    [['lst'], 'CLI_UNKNOWN_COMMAND'],
    [['add'], 'CLI_NAME_MISSING'],
    [['add', 'a', 'b'], 'CFG_UNEXPECTED_ARGUMENT'],
    [['list', 'a'], 'CFG_UNEXPECTED_ARGUMENT'],
    [['remove', 'a', '--read'], 'CFG_UNEXPECTED_ARGUMENT'],
    [['add', 'a', '--password', 'x'], 'CFG_UNKNOWN_FLAG'],
    [['add', 'a:b'], 'ACCOUNTS_NAME_INVALID'],
    [['add', 'boss'], 'ACCOUNTS_USER_EXISTS'],
    [['passwd', 'fred'], 'ACCOUNTS_NO_SUCH_USER'],
    [['remove', 'fred'], 'ACCOUNTS_NO_SUCH_USER'],
    [['remove', 'boss'], 'ACCOUNTS_LAST_OWNER'],
    [['list', '--data', '/dev/null/x'], 'ACCOUNTS_STORE_UNWRITABLE'],
  ];
  for (const [args, code] of cases)
    await assert.rejects(user(['--data', data, ...args]), { code }, args.join(' '));
});

test('deskwire user leaves a broken user file unchanged', (t) => {
  const { run, data } = setUp(t);
  writeFileSync(join(data, 'users.json'), '{');
  const { status, stderr } = run(['user', 'add', 'fred'], 'x');
  assert.equal(status, 1);
  assert.match(stderr, /ACCOUNTS_STORE_BROKEN/);
  assert.equal(readFileSync(join(data, 'users.json'), 'utf8'), '{');
});

test('the help names every flag with its default, and every command', (t) => {
  const { run } = setUp(t);
  const help = serveHelp();
  for (const flag of CONFIG_FLAGS) assert.match(help, new RegExp(`^  --${flag} \\S`, 'm'));
  assert.match(help, /\[1680x971\]/);
  assert.ok(help.split('\n').every((line) => line.length <= 105));
  for (const command of ['add', 'list', 'passwd', 'remove'])
    assert.match(userHelp(), new RegExp(`deskwire user ${command}`));
  for (const args of [['-h'], ['--port', '1', '--help']])
    assert.deepEqual(run(args), { status: 0, stdout: help, stderr: '' }, args.join(' '));
  for (const args of [['user'], ['user', 'add', '--help']]) assert.equal(run(args).stdout, userHelp());
});

test('deskwire --version prints the version of package.json', (t) => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal(setUp(t).run(['--version']).stdout, `deskwire ${manifest.version}\n`);
});

test('in a terminal the password is asked for twice and never shown', async (t) => {
  const { env, verify } = setUp(t);
  const inTerminal = async (name: string, answers: readonly string[]) => {
    const command = `'${process.execPath}' '${PROGRAM}' user add ${name}`;
    const terminal = spawn('script', ['-qec', command, '/dev/null'], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let shown = '';
    const left = [...answers];
    terminal.stdout.on('data', (chunk) => {
      shown += chunk;
      if (/(Password|Again): $/.test(shown)) terminal.stdin.write(left.shift() ?? '');
    });
    const status = await new Promise((resolve) => terminal.once('close', resolve));
    return { shown, status };
  };
  const good = await inTerminal('fred', ['sekrx\u007fet\r', 'wrong\u0015sekret\r']);
  assert.equal(good.status, 0, good.shown);
  assert.match(good.shown, /^Password: \r\nAgain: \r\nAdded fred/);
  assert.equal((await verify('fred', 'sekret'))?.name, 'fred');
  const different = await inTerminal('bob', ['one\r', 'two\r']);
  assert.match(different.shown, /CLI_PASSWORDS_DIFFER/);
  assert.equal(different.status, 1);
  assert.equal((await inTerminal('bob', ['on\u0003'])).status, 130);
  assert.equal((await inTerminal('bob', ['\r'])).status, 1);
});
