import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LANGUAGES } from '../src/client/text/language.ts';
import { buildClient } from './build-client.ts';
import { firstBytes, MOST_FIRST_BYTES, MOST_SCRIPT_BYTES, scriptBytes, sizesTable } from './page-sizes.ts';

test('the page’s scripts, and what it loads first, are no larger than their limits', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'deskwire-sizes-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const sizes = await buildClient(folder);
  const table = sizesTable(sizes);
  assert.ok(firstBytes(sizes) <= MOST_FIRST_BYTES, table);
  assert.ok(scriptBytes(sizes) <= MOST_SCRIPT_BYTES, table);
  // What is measured is there: the document, its script and its style at first, and a decoder later.
  const names = (isFirst: boolean) =>
    sizes.filter((size) => size.isFirst === isFirst).map(({ file }) => file);
  for (const first of [/^index\.html$/, /^main-/, /^style-/])
    assert.ok(
      names(true).some((name) => first.test(name)),
      table,
    );
  assert.ok(names(false).length > 0, table);
  // Of the languages, one is loaded at first: no more, and none of the panels that are loaded later.
  const languages = (isFirst: boolean) => names(isFirst).filter((name) => /texts-[a-z]{2}-/.test(name));
  assert.equal(languages(true).length, 1, table);
  assert.equal(languages(false).length, 4 * LANGUAGES.length - 4, table);
});
