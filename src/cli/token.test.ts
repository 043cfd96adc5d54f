import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openAccounts } from '../accounts/file-accounts.ts';
import { FileTokens } from '../accounts/file-tokens.ts';

const PROGRAM = fileURLToPath(new URL('./deskwire.ts', import.meta.url));

/** A data folder with the user ada, and the command to run on it. */
async function setUp(t: TestContext) {
  const data = mkdtempSync(join(tmpdir(), 'deskwire-cli-'));
  const accounts = await openAccounts({ folder: data });
  t.after(async () => {
    await accounts.close();
    rmSync(data, { recursive: true });
  });
  const rights = { read: true, write: true, owner: true };
  await accounts.apply([{ kind: 'create', name: 'ada', password: 'x', rights, overwrite: false }]);
  const env = { ...process.env, XDG_DATA_HOME: '/nonexistent', DESKWIRE_DATA: data };
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'token', ...args], {
      env,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  return { data, accounts, run };
}

test('deskwire token creates a token, lists it without its secret, and revokes it', async (t) => {
  const { data, accounts, run } = await setUp(t);
  const made = run(
    'create',
    'ci job',
    '--user',
    'ada',
    '--scope',
    'stats,view',
    '--scope=screenshot',
    '--expires',
    '2h',
  );
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stdout, /^dwt_[0-9a-f]{16}_[\w-]{43}\n$/, 'the token alone, for $(…)');
  const [, id = ''] = made.stdout.split('_');
  assert.match(made.stderr, new RegExp(`^Token ${id} of ada, until .* UTC\\. It is shown only now:\\n$`));
  const tokens = new FileTokens({ folder: data, accounts });
  const user = tokens.passOf(made.stdout.trim())?.user();
  await tokens.close();
  assert.deepEqual(user, { name: 'ada', read: true, write: false, owner: true });
  const { stdout } = run('list');
  const [head = '', row = '', ...rest] = stdout.split('\n');
  assert.match(head, /^ID +USER +EXPIRES +LAST USED +SCOPES +NAME$/);
  assert.match(row, new RegExp(`^${id}  ada   \\d{4}-.* UTC  .*  stats,view,screenshot  ci job$`));
  assert.deepEqual(rest, ['']);
  assert.deepEqual(run('revoke', id), { status: 0, stdout: `Revoked ${id}.\n`, stderr: '' });
  assert.match(run('revoke', id).stderr, /ACCOUNTS_NO_SUCH_TOKEN/);
  const trail = readFileSync(join(data, 'audit.jsonl'), 'utf8');
  assert.match(trail, /"door":"cli".*"what":"token create".*"ada"/);
  assert.match(trail, /"door":"cli".*"what":"token revoke".*"ada"/);
  assert.ok(!trail.includes(made.stdout.trim().slice(-43)));
});

test('deskwire token says what is missing or unknown, with a code', async (t) => {
  const { run } = await setUp(t);
  for (const [args, code] of [
    [['make'], 'CLI_UNKNOWN_COMMAND'],
    [['create', '--user', 'ada', '--scope', 'stats'], 'CLI_TOKEN_MISSING'],
    [['revoke'], 'CLI_TOKEN_MISSING'],
    [['create', 'x', '--scope', 'stats'], 'CLI_TOKEN_USER_MISSING'],
    [['create', 'x', '--user', 'ada'], 'CLI_SCOPE_UNKNOWN'],
    [['create', 'x', '--user', 'ada', '--scope', 'stat'], 'CLI_SCOPE_UNKNOWN'],
    [['create', 'x', '--user', 'ada', '--scope', 'stats', '--expires', 'soon'], 'CLI_LIFE_INVALID'],
    [
      ['create', 'x', '--user', 'ada', '--scope', 'stats', '--expires', '9999d'],
      'ACCOUNTS_TOKEN_LIFE_INVALID',
    ],
    [['create', 'x', '--user', 'bob', '--scope', 'stats'], 'ACCOUNTS_NO_SUCH_USER'],
    [['list', 'x'], 'CFG_UNEXPECTED_ARGUMENT'],
    [['list', '--scope', 'stats'], 'CFG_UNEXPECTED_ARGUMENT'],
  ] as const) {
    const { status, stdout, stderr } = run(...args);
    assert.notEqual(status, 0, args.join(' '));
    assert.match(stderr, new RegExp(`^deskwire: .* \\(${code}\\)\\n`), args.join(' '));
    assert.equal(stdout, '');
  }
  assert.match(run('create', 'x', '--user', 'ada', '--scope', 'stat').stderr, /stats/);
});

test('deskwire token --help lists the scopes', async (t) => {
  const { run } = await setUp(t);
  for (const args of [['--help'], ['create', '--help'], []]) {
    const { status, stdout } = run(...args);
    assert.equal(status, 0);
    for (const text of ['token create NAME', 'screenshot', '--expires'])
      assert.ok(stdout.includes(text), text);
  }
});
