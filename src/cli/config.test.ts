import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../config/load-config.ts';

const PROGRAM = fileURLToPath(new URL('./deskwire.ts', import.meta.url));

test('deskwire config --example writes a file that loads as it is, and changes nothing', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-example-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'config', '--example'], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr], [0, '']);
  const file = join(folder, 'deskwire.yaml');
  writeFileSync(file, stdout);
  const load = (flags: ReadonlyMap<string, string[]>) => loadConfig(flags, { HOME: '/home/ann' }, '/').config;
  assert.deepEqual(load(new Map([['config', [file]]])), load(new Map()));
});

test('deskwire config --example cannot be given with --from-kasm', () => {
  const args = [PROGRAM, 'config', '--example', '--from-kasm', 'x'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.match(stderr, /CFG_UNEXPECTED_ARGUMENT/);
});

test('deskwire config writes a configuration to standard output, and its report to standard error', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'kasmvnc.yaml');
  writeFileSync(
    file,
    'network: {protocol: http, interface: 0.0.0.0}\nkeyboard: {raw_keyboard: true}\n' +
      'data_loss_prevention: {keyboard: {rate_limit: 20}}\n',
  );
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'config', ...args], {
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  const { status, stdout, stderr } = run('--from-kasm', file);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, 'listen: "0.0.0.0"\ndata_loss_prevention:\n  keyboard:\n    rate_limit: 20\n');
  assert.match(stderr, /^Taken:\n {2}network\.interface: 0\.0\.0\.0 \(as listen\)\n/);
  assert.match(stderr, /^As Deskwire always does:\n {2}network\.protocol: http\n/m);
  assert.match(stderr, /^Not taken:\n {2}keyboard\.raw_keyboard: true \(.+\)\n$/m);
  assert.match(run('--from-kasm', join(folder, 'none')).stderr, /CFG_FILE_UNREADABLE/);
  assert.match(run('extra').stderr, /CFG_UNEXPECTED_ARGUMENT/);
});
