import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Size } from '../../src/pixels/rect.ts';
import { monotonicMs } from '../clock.ts';
import type { Layout } from '../workloads.ts';
import { lookAt, numbersSeen, type ProbeRecord, probeScript, RECORDED } from './probe.ts';

/** How a page is opened. */
export interface PageAddress {
  readonly url: string;
  /** Selector of the canvas that shows the desktop. */
  readonly canvas: string;
  /** Name and password for pages that ask for them. */
  readonly user?: { readonly name: string; readonly password: string };
}

/** Longest wait for a frame, in ms. A larger value delays the report of a page that shows nothing. */
const SHOWN_WITHIN_MS = 20_000;
/** Time between two looks for a frame, in ms. Each look costs the page a moment. */
const LOOK_EVERY_MS = 100;
/** Questions for the page's clock. The one with the shortest way tells the difference, by half of that way at most. */
const CLOCK_QUESTIONS = 20;

/** A page of a viewer, in which a probe reads the canvas at each animation frame. Times are monotonic milliseconds. */
export class WatchedPage {
  readonly #page: Page;
  /** What is added to times of the page. */
  readonly #offsetMs: number;
  /** From the start of the navigation to the animation frame that showed the whole picture. */
  readonly firstPictureMs: number;

  private constructor(page: Page, offsetMs: number, firstPictureMs: number) {
    this.#page = page;
    this.#offsetMs = offsetMs;
    this.firstPictureMs = firstPictureMs;
  }

  /** Opens the page with an empty cache. Resolves when it shows frame `number`, which stands still. */
  static async open(
    browser: Browser,
    size: Size,
    { url, canvas, user }: PageAddress,
    groups: Layout['groups'],
    number: number,
  ): Promise<WatchedPage> {
    const login = user && Buffer.from(`${user.name}:${user.password}`).toString('base64');
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { ...size },
      // Playwright answers a 401 by holding up every request, which would count as time of the page.
      ...(login && { extraHTTPHeaders: { authorization: `Basic ${login}` } }),
    });
    try {
      const page = await context.newPage();
      await page.addInitScript({ content: probeScript(canvas, groups) });
      await page.goto(url, { waitUntil: 'commit' });
      const firstPictureMs = await shownAt(page, number);
      return new WatchedPage(page, await clockOffset(page), firstPictureMs);
    } catch (error) {
      await context.close();
      throw error;
    }
  }

  /** Begins to record the frame numbers of these places. */
  async watch(groups: Layout['groups']): Promise<void> {
    await this.#page.evaluate(lookAt(groups));
  }

  /** Returns what was recorded since `watch`. */
  async recorded(): Promise<{ readonly seen: [number, number][]; readonly keys: number[] }> {
    const record = await this.#page.evaluate<ProbeRecord>(RECORDED);
    const here = (ms: number): number => ms + this.#offsetMs;
    return {
      seen: numbersSeen(record).map(([number, ms]) => [number, here(ms)]),
      keys: record.keys.map(here),
    };
  }

  /** Presses and releases a key. */
  async press(key: string): Promise<void> {
    await this.#page.keyboard.press(key);
  }

  close(): Promise<void> {
    return this.#page.context().close();
  }
}

async function shownAt(page: Page, number: number): Promise<number> {
  const untilMs = monotonicMs() + SHOWN_WITHIN_MS;
  while (monotonicMs() < untilMs) {
    const record = await page.evaluate<ProbeRecord>(RECORDED).catch(() => undefined);
    const found = record && numbersSeen(record).find(([one]) => one === number);
    if (found) return found[1];
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`${page.url()} did not show the desktop.`);
}

/** Returns the difference between this process's clock and the page's. */
async function clockOffset(page: Page): Promise<number> {
  let best = { wayMs: Number.POSITIVE_INFINITY, offsetMs: 0 };
  for (let i = 0; i < CLOCK_QUESTIONS; i++) {
    const askedMs = monotonicMs();
    const pageMs = await page.evaluate<number>('performance.now()');
    const wayMs = monotonicMs() - askedMs;
    if (wayMs < best.wayMs) best = { wayMs, offsetMs: askedMs + wayMs / 2 - pageMs };
  }
  return best.offsetMs;
}
