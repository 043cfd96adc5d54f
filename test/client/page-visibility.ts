import type { Page } from 'playwright-core';

/** Script that lets a test say whether the page is hidden. Headless Chromium takes every page for visible. */
export const HIDDEN_PAGE = `(() => {
  const own = (name, get) => Object.defineProperty(Document.prototype, name, { configurable: true, get });
  own('hidden', () => globalThis.isPageHidden === true);
  own('visibilityState', () => (globalThis.isPageHidden ? 'hidden' : 'visible'));
})()`;

/** Hides a page with that script, or shows it again. */
export async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(
    `globalThis.isPageHidden = ${isHidden}; document.dispatchEvent(new Event('visibilitychange'))`,
  );
}
