import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Config } from './config.ts';
import { DLP_KEYS } from './dlp/dlp-keys.ts';
import { exampleYaml } from './example-yaml.ts';
import { loadConfig } from './load-config.ts';
import { CONFIG_KEYS, SCHEMA } from './schema.ts';

function load(t: TestContext, yaml: string): Config {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-example-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'deskwire.yaml');
  writeFileSync(file, yaml);
  return loadConfig(new Map([['config', [file]]]), { HOME: '/home/ann' }, '/').config;
}

/** The example with the settings that have a default. The others have a placeholder in capitals. */
const withDefaults = (): string =>
  exampleYaml()
    .split('\n')
    .map((line) => (/^#(| {2,})[\w-]+:(?! [A-Z,]+$)/.test(line) ? line.slice(1) : line))
    .join('\n');

test('the example has each setting once, with its comment above it', () => {
  const lines = exampleYaml().split('\n');
  for (const key of CONFIG_KEYS) {
    const at = lines.flatMap((line, i) => (line.startsWith(`#${SCHEMA[key].flag}: `) ? [i] : []));
    assert.equal(at.length, 1, SCHEMA[key].flag);
    assert.match(lines[at[0]! - 1]!, /^# \S/, SCHEMA[key].flag);
  }
  for (const { path } of Object.values(DLP_KEYS)) {
    const name = path.split('.').at(-1);
    assert.ok(
      lines.some((line) => line.trim().replace(/^#\s*/, '').startsWith(`${name}: `)),
      path,
    );
  }
});

test('no line of the example has an effect, or is longer than a terminal is wide', () => {
  const lines = exampleYaml().split('\n');
  assert.deepEqual(
    lines.filter((line) => line !== '' && !line.startsWith('#')),
    [],
  );
  assert.ok(lines.every((line) => line.length <= 120));
});

test('the example loads, and its values are the defaults', (t) => {
  const defaults = loadConfig(new Map(), { HOME: '/home/ann' }, '/').config;
  assert.deepEqual(load(t, exampleYaml()), defaults);
  const yaml = withDefaults();
  assert.match(yaml, /^port: 8443$/m);
  assert.match(yaml, /^data_loss_prevention:$/m);
  // Rules that are written out have a visible region, which is the whole screen.
  const { dataLossPrevention, ...settings } = load(t, yaml);
  assert.deepEqual({ ...settings, dataLossPrevention: defaults.dataLossPrevention }, defaults);
  assert.equal(dataLossPrevention.byUser.size, 0);
});
