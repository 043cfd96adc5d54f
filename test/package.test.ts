import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { DeskwireProcess } from './support/deskwire-process.ts';
import { waitFor } from './support/wait-for.ts';

const ROOT = dirname(import.meta.dirname);
const NOT_COPIED = new Set(['node_modules', 'dist', 'tmp', '.git']);

const work = mkdtempSync(join(tmpdir(), 'deskwire-package-'));
const checkout = join(work, 'checkout');
const elsewhere = join(work, 'elsewhere');
const command = join(elsewhere, 'node_modules/.bin/deskwire');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
after(() => rmSync(work, { recursive: true }));

/** The environment without what `npm test` adds to it: the settings of the checkout, which a user's npm lacks. */
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

/** Runs npm. Returns its standard output, to which its prepack script prints too. */
function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', args, {
    cwd,
    env: ENVIRONMENT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

before(() => {
  // Packs a copy, because packing builds dist/, from which other tests are served.
  cpSync(ROOT, checkout, {
    recursive: true,
    filter: (path) => dirname(path) !== ROOT || !NOT_COPIED.has(basename(path)),
  });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  npm(checkout, 'pack');
  mkdirSync(elsewhere);
  const tarball = join(checkout, `deskwire-${manifest.version}.tgz`);
  npm(elsewhere, 'install', '--prefer-offline', '--no-audit', '--no-fund', tarball);
});

test('the package contains everything that runs, and neither sources nor tests', () => {
  const files = globSync('**/*', { cwd: join(elsewhere, 'node_modules/deskwire') });
  assert.ok(files.includes('dist/cli/deskwire.js'));
  assert.ok(files.includes('dist/client/index.html'));
  assert.ok(files.includes('LICENSE'));
  assert.ok(files.some((file) => file.endsWith('.wasm')));
  assert.deepEqual(
    files.filter((file) =>
      /(?<!^dist\/(?:sdk|view)\/[\w-]+\.d)\.ts$|\.test\.|^(src|test|bench|scripts|tmp|docs)\b/.test(file),
    ),
    [],
  );
});

test('a program finds the client library of the installed package by its name', () => {
  const program = `
    import { connect, hasCode } from 'deskwire/sdk';
    import { nodeFetch } from 'deskwire/sdk/node';
    const desk = connect({ url: 'https://127.0.0.1:1/', fetch: nodeFetch({}) });
    await desk.getUsers().catch((error) => console.log(hasCode(error, 'SDK_UNREACHABLE')));`;
  const args = ['--input-type=module', '--eval', program];
  assert.equal(execFileSync(process.execPath, args, { cwd: elsewhere, encoding: 'utf8' }), 'true\n');
  for (const [name, { types }] of Object.entries<{ types?: string }>(manifest.exports))
    if (types) assert.ok(readFileSync(join(elsewhere, 'node_modules/deskwire', types), 'utf8'), name);
});

test('the installed command prints its version and its help', () => {
  const run = (...args: string[]): string =>
    execFileSync(command, args, { cwd: elsewhere, encoding: 'utf8' });
  assert.equal(run('--version').trim(), `deskwire ${manifest.version}`);
  assert.match(run('--help'), /--max-size WxH/);
});

for (const [name, line] of Object.entries({
  'the Node.js on the PATH': [command],
  'a Node.js that suffices': [process.execPath, command],
})) {
  test(`the installed command serves a desktop when run by ${name}`, async () => {
    const [program, ...before] = line as [string, ...string[]];
    const data = mkdtempSync(join(work, 'data-'));
    const args = [...before, 'serve', '--port', '0', '--data', data];
    await using server = new DeskwireProcess(program, args, { cwd: elsewhere });
    const { url } = await server.ready();
    assert.match(url, /^https:/);
    server.signal('SIGTERM');
    assert.equal(await server.ended, 0, server.stderr);
    await waitFor('every process of the server to end', () => server.survivors().length === 0);
  });
}
