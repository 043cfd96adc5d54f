// axe has no complaint about the page in any state.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { PageServer } from '../client/page-server.ts';
import { Look, launchForLooks, startForLooks, VARIANTS, type Variant } from './open-look.ts';
import { STATES } from './states.ts';

let browser: Browser;
let pages: PageServer;

before(async () => {
  [browser, pages] = await Promise.all([launchForLooks(), startForLooks()]);
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

/** Lists axe's complaints about what a page shows. */
async function complaints(page: Page, { forcedColours = false }: Variant): Promise<string[]> {
  // With the system's colours, axe compares those that the page would have.
  const options = {
    resultTypes: ['violations'],
    rules: { 'color-contrast': { enabled: !forcedColours } },
  };
  const { violations } = await page.evaluate<axe.AxeResults>(
    `(async () => { ${axe.source}; return axe.run(${JSON.stringify(options)}); })()`,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

for (const state of STATES) {
  test(`axe has no complaint about the page in the state: ${state.name}`, async () => {
    const look = await Look.open(browser, pages, state);
    try {
      // What fits into no small window is hidden or clipped, and so not judged.
      for (const variant of VARIANTS.filter(({ width }) => width === VARIANTS[0]!.width)) {
        await look.show(variant);
        assert.deepEqual(await complaints(look.page, variant), [], variant.name);
      }
    } finally {
      await look.close();
    }
  });
}

test('every panel of the toolbar is one of the states that axe judges', async () => {
  const look = await Look.open(browser, pages, STATES.find(({ name }) => name === 'bar-owner')!);
  const buttons = `[...document.querySelectorAll('.tool[aria-haspopup="dialog"]')]
    .filter((button) => button.checkVisibility()).map(({ id }) => id)`;
  const panels = (await look.page.evaluate<string[]>(buttons)).map((id) => id.replace(/-panel$/, ''));
  await look.close();
  assert.deepEqual(panels.filter((name) => ['people', 'access', 'statistics'].includes(name)).length, 3);
  const known = new Set(STATES.map(({ name }) => name));
  assert.deepEqual(
    panels.filter((panel) => !known.has(panel)),
    [],
  );
});
