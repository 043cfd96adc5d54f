// The page looks as in its stored pictures, in every state and window. After an intended change:
//
//     DESKWIRE_LOOKS=renew npm test -- test/looks/pictures.test.ts
//
// writes the stored pictures anew. Look at each of them before you commit it. With --test-name-pattern, those of some
// states.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { PNG } from 'pngjs';
import type { PageServer } from '../client/page-server.ts';
import { compareLooks } from './compare-looks.ts';
import { Look, launchForLooks, startForLooks, VARIANTS } from './open-look.ts';
import { STATES } from './states.ts';

const STORED = join(import.meta.dirname, 'pictures');
/** Where a failure leaves what it has found. */
const FOUND = join(import.meta.dirname, '../../tmp/looks');
const renews = process.env.DESKWIRE_LOOKS === 'renew';

let browser: Browser;
let pages: PageServer;

before(async () => {
  [browser, pages] = await Promise.all([launchForLooks(), startForLooks()]);
  rmSync(FOUND, { recursive: true, force: true });
  for (const folder of [FOUND, STORED]) mkdirSync(folder, { recursive: true });
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

const remove = (file: string): boolean => {
  rmSync(join(STORED, file));
  return true;
};

const stored = (file: string): PNG | undefined => {
  try {
    return PNG.sync.read(readFileSync(join(STORED, file)));
  } catch {
    return undefined;
  }
};

/**
 * A PNG with 64 shades of each colour, none off by more than the comparison allows, and without filters: half of the
 * bytes.
 */
function small(picture: PNG): Buffer {
  picture.data.forEach((shade, at) => {
    if (at % 4 < 3) picture.data[at] = Math.min(255, 4 * Math.round(shade / 4));
  });
  return PNG.sync.write(picture, { colorType: 2, deflateLevel: 9, filterType: 0, deflateStrategy: 0 });
}

/** Says what is wrong with a picture, if it is not as the stored one, and where to look at both. */
function judge(name: string, png: Buffer): string[] {
  const actual = PNG.sync.read(png);
  if (renews) {
    writeFileSync(join(STORED, `${name}.png`), small(actual));
    return [];
  }
  const expected = stored(`${name}.png`);
  const { fault, difference } = expected
    ? compareLooks(actual, expected)
    : { fault: `there is no ${name}.png in test/looks/pictures`, difference: undefined };
  if (fault === undefined) return [];
  writeFileSync(join(FOUND, `${name}.actual.png`), png);
  if (difference) writeFileSync(join(FOUND, `${name}.difference.png`), PNG.sync.write(difference));
  return [`${name}: ${fault}; see tmp/looks/${name}.actual.png and ${name}.difference.png`];
}

for (const state of STATES) {
  test(`the page looks as in its stored pictures in the state: ${state.name}`, async () => {
    const look = await Look.open(browser, pages, state);
    const wrong: string[] = [];
    try {
      for (const variant of VARIANTS) {
        await look.show(variant);
        wrong.push(...judge(`${state.name}.${variant.name}`, await look.picture()));
      }
    } finally {
      await look.close();
    }
    assert.deepEqual(wrong, []);
  });
}

test('every stored picture of the page is of a state that it has', () => {
  const known = new Set(
    STATES.flatMap(({ name }) => VARIANTS.map((variant) => `${name}.${variant.name}.png`)),
  );
  assert.deepEqual(
    readdirSync(STORED).filter((file) => !known.has(file) && !(renews && remove(file))),
    [],
  );
});
