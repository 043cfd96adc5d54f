import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildClient } from './build-client.ts';

test('the page names every script that its first one imports, so that a browser loads them at the same time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'deskwire-build-'));
  try {
    await buildClient(folder);
    const html = await readFile(join(folder, 'index.html'), 'utf8');
    const main = /src="\.\/(main-\w+\.js)"/.exec(html)![1]!;
    const script = await readFile(join(folder, main), 'utf8');
    const imported = [...script.matchAll(/(?:^|[;}])import[^"'(]*["']\.\/([\w-]+\.js)["']/g)].map(
      ([, file]) => file,
    );
    const named = [...html.matchAll(/<link rel="modulepreload" href="\.\/([\w-]+\.js)" \/>/g)].map(
      ([, file]) => file,
    );
    assert.ok(imported.length > 0, 'code that is loaded later shares some with the first script');
    assert.deepEqual(named.sort(), imported.sort());
  } finally {
    await rm(folder, { recursive: true });
  }
});
