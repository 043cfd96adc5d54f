import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FLEET_ERRORS } from '../../src/fleet/store/errors.ts';
import { ADMIN, FleetProcess } from '../support/fleet-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CLI = fileURLToPath(new URL('../../bin/deskwire.mjs', import.meta.url));
const QUIET = ['--run', 'exec sleep 100000', '--size', '640x480'];

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Run = (args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<Outcome>;

/** Runs a command with nothing on standard input, and no variables of Deskwire but these. */
const run: Run = (args, own = {}) => {
  const kept = Object.entries(process.env).filter(([name]) => !/^(DESKWIRE_|NODE_TEST_CONTEXT)/.test(name));
  const env = { ...Object.fromEntries(kept), HOME: temporaryFolder('deskwire-operator-'), ...own };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CLI, ...args], { env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
    child.stdin?.end();
  });
};

async function startFleet(t: TestContext): Promise<{ fleet: FleetProcess; call: Run }> {
  const fleet = await FleetProcess.start();
  t.after(() => fleet.removeAll());
  const login = { DESKWIRE_USER: ADMIN.name, DESKWIRE_PASSWORD: ADMIN.password };
  return { fleet, call: (args, env = {}) => run([...args, '--data', fleet.data], { ...login, ...env }) };
}

const ok = ({ status, stdout, stderr }: Outcome): string => {
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  return stdout;
};

test('an operator makes, lists, shows, pauses, resumes and ends desktops, and reads their logs', async (t) => {
  const { fleet, call } = await startFleet(t);
  const flags = ['--label', 'class=7b', '--label', 'room=1', '--ttl', '3600', '--memory', '2048'];
  const made = ok(await call(['desktop', 'create', 'lab-1', 'lab-2', ...QUIET, ...flags]));
  assert.equal(made, ['lab-1', 'lab-2'].map((name) => `${name}  running  ${fleet.url}d/${name}/\n`).join(''));
  const again = ok(await call(['desktop', 'create', 'lab-1', 'lab-2', ...QUIET, ...flags]));
  assert.equal(again, made, 'a repeated command makes nothing, and says the same');

  const listed = ok(await call(['desktop', 'list', '--label', 'class=7b', '--label', 'room=1']));
  assert.match(
    listed,
    /^NAME +STATE +VIEWERS +SINCE +LABELS +REASON\nlab-1 +running +0 .* UTC +class=7b,room=1\n/,
  );
  assert.equal(ok(await call(['desktop', 'list', '--label', 'class=8a', '--json'])), '[]\n');
  const shown = JSON.parse(ok(await call(['desktop', 'show', 'lab-1', '--json'])));
  assert.deepEqual([shown.ttl_s, shown.limits, shown.size], [3600, { memory_mb: 2048 }, '640x480']);
  assert.match(ok(await call(['desktop', 'show', 'lab-1'])), /^labels +\["class=7b","room=1"\]$/m);

  assert.equal(ok(await call(['desktop', 'pause', 'lab-1'])), 'lab-1  paused\n');
  assert.deepEqual(
    JSON.parse(ok(await call(['desktop', 'list', '--state', 'paused', '--json']))).map(
      ({ name }: { name: string }) => name,
    ),
    ['lab-1'],
  );
  assert.equal(ok(await call(['desktop', 'resume', 'lab-1', 'lab-2'])), 'lab-1  running\nlab-2  running\n');
  const log = ok(await call(['desktop', 'logs', 'lab-1', '--tail', '1']));
  assert.match(log, /^Deskwire ready: .*\n$/);

  const status = JSON.parse(ok(await call(['fleet', 'status', '--json'])));
  assert.deepEqual([status.url, status.desktops, status.states], [fleet.url, 2, { running: 2 }]);
  assert.match(ok(await call(['fleet', 'status'])), /^Desktops: 2 \(2 running\)$/m);
  assert.equal(ok(await call(['desktop', 'end', 'lab-1', 'none'])), '');
  assert.equal(ok(await call(['desktop', 'end', '--label', 'class=7b'])), '');
  assert.equal(ok(await call(['desktop', 'list', '--json'])), '[]\n');
});

test('an operator has a machine take no more desktops, and take them again', async (t) => {
  const { call } = await startFleet(t);
  const [host] = JSON.parse(ok(await call(['host', 'list', '--json'])));
  assert.deepEqual([host.state, host.used, host.draining, host.reason], ['up', 0, false, '']);
  for (let i = 0; i < 2; i++)
    assert.match(
      ok(await call(['host', 'drain', host.name])),
      /^NAME.*\n\S+ +draining +0 of 32 +It is draining\.\n$/,
    );
  const refused = await call(['desktop', 'create', 'lab-1', ...QUIET]);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /is draining.*\(FLEET_CAPACITY\)/);
  assert.match(ok(await call(['fleet', 'status'])), /^Desktops: 0$[\s\S]*draining/m);
  assert.match(ok(await call(['host', 'undrain', host.name])), /up +0 of 32$/m);
  assert.match((await call(['host', 'drain', 'none'])).stderr, /\(FLEET_NO_SUCH_HOST\)/);
});

test('desktops come from a file, and a list that is refused says which entry is wrong', async (t) => {
  const { call } = await startFleet(t);
  const folder = temporaryFolder('deskwire-operator-');
  const file = join(folder, 'desktops.json');
  const one = { command: 'exec sleep 100000', size: '640x480' };
  writeFileSync(
    file,
    JSON.stringify([
      { name: 'lab-1', ...one },
      { name: 'Lab', ...one },
    ]),
  );
  const refused = await call(['desktop', 'create', '--file', file]);
  assert.equal(refused.status, 1);
  assert.equal(
    refused.stderr.split('\n')[0],
    `deskwire: Entry 1: ${FLEET_ERRORS.FLEET_NAME_INVALID.title} (FLEET_NAME_INVALID)`,
  );
  assert.equal(ok(await call(['desktop', 'list', '--json'])), '[]\n');
  writeFileSync(file, JSON.stringify({ name: 'lab-1', ...one }));
  assert.match(ok(await call(['desktop', 'create', '--file', file])), /^lab-1 +running/);
});

test('a desktop that is not as it was asked for ends the command with 1 and the reason', async (t) => {
  const { fleet, call } = await startFleet(t);
  // A folder in place of its log: it cannot start.
  mkdirSync(join(fleet.data, 'desktops/bad/log.jsonl'), { recursive: true });
  const waited = await call(['desktop', 'create', 'bad', ...QUIET, '--wait', '1', '--json']);
  assert.equal(waited.status, 1);
  assert.equal(JSON.parse(waited.stdout)[0].state, 'starting');
  assert.match(waited.stderr, /^deskwire: bad is starting\. \(CLI_NOT_AS_ASKED\)\n {2}See why with /);
  assert.match(ok(await call(['desktop', 'create', 'bad', ...QUIET, '--wait', '0'])), /^bad +starting\n$/);
});

test('a command that cannot reach a fleet or log in says what to do', async (t) => {
  const { fleet } = await startFleet(t);
  const login = { DESKWIRE_USER: ADMIN.name, DESKWIRE_PASSWORD: ADMIN.password };
  const list = ['desktop', 'list'];
  const at = ['--url', fleet.url, '--ca', join(fleet.data, 'cert.pem')];
  const nothing = temporaryFolder('deskwire-operator-');
  const secret = join(nothing, 'password');
  writeFileSync(secret, `${ADMIN.password}\nmore\n`);
  for (const [args, env] of [
    [[...list, ...at], login],
    [list, { ...login, DESKWIRE_URL: fleet.url, DESKWIRE_CA: join(fleet.data, 'cert.pem') }],
    [list, { ...login, DESKWIRE_DATA: fleet.data }],
    [[...list, ...at, '--user', ADMIN.name, '--password-file', secret], { DESKWIRE_TOKEN: 'unused' }],
  ] as const)
    ok(await run(args, env));

  const cases: readonly (readonly [
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    status: number,
    code: string,
  ])[] = [
    [[...list, '--data', nothing], login, 2, 'CLI_NO_URL'],
    [list, { ...login, DESKWIRE_DATA: nothing }, 2, 'CLI_NO_URL'],
    [[...list, ...at], {}, 2, 'CLI_LOGIN_MISSING'],
    [[...list, ...at, '--user', ADMIN.name], {}, 2, 'CLI_LOGIN_MISSING'],
    [[...list, '--url', fleet.url], login, 1, 'CLI_UNTRUSTED'],
    [[...list, ...at], { ...login, DESKWIRE_PASSWORD: 'wrong-secret' }, 1, 'HTTP_LOGIN_NEEDED'],
    [[...list, ...at], { DESKWIRE_TOKEN: 'no-such-secret' }, 1, 'HTTP_TOKEN_INVALID'],
    [[...list, '--url', 'https://127.0.0.1:1/'], login, 1, 'SDK_UNREACHABLE'],
    [[...list, '--url', 'ftp://x'], login, 1, 'SDK_OPTIONS_INVALID'],
    [[...list, ...at, '--password', 'x'], login, 2, 'CFG_UNKNOWN_FLAG'],
    [[...list, ...at, '--ca', join(nothing, 'none')], login, 2, 'CLI_OPTION_INVALID'],
    [[...list, ...at, '--size', '1x1'], login, 2, 'CFG_UNEXPECTED_ARGUMENT'],
    [[...list, ...at, 'lab-1'], login, 2, 'CFG_UNEXPECTED_ARGUMENT'],
    [['desktop', 'lst', ...at], login, 2, 'CLI_UNKNOWN_COMMAND'],
    [['desktop', 'show', ...at], login, 2, 'CLI_NAME_MISSING'],
    [['desktop', 'end', ...at], login, 2, 'CLI_NAME_MISSING'],
    [['desktop', 'end', 'a', '--label', 'a=b', ...at], login, 2, 'CLI_NAME_MISSING'],
    [['desktop', 'create', 'a', '--file', secret, ...at], login, 2, 'CLI_OPTION_INVALID'],
    [['desktop', 'create', 'a', '--ttl', 'soon', ...at], login, 2, 'CLI_OPTION_INVALID'],
    [['desktop', 'pause', 'a', '--wait', '61', ...at], login, 2, 'CLI_OPTION_INVALID'],
    [['desktop', 'pause', 'none', ...at], login, 1, 'FLEET_NO_SUCH_DESKTOP'],
  ];
  for (const [args, env, status, code] of cases) {
    const outcome = await run(args, env);
    assert.equal(outcome.status, status, `${args.join(' ')}: ${outcome.stderr}`);
    assert.match(outcome.stderr, new RegExp(`^deskwire: .*\\(${code}\\)$`, 'm'), args.join(' '));
    assert.ok(!outcome.stderr.includes('secret'), 'no secret is printed');
    assert.equal(outcome.stdout, '');
  }
  for (const command of [['desktop'], ['host', 'list'], ['fleet', 'status']])
    assert.match(ok(await run([...command, '--help'])), /--password-file FILE/);
});
