import type { Browser, BrowserContext } from 'playwright-core';
import { launchChromium } from '../test/client/browser.ts';
import { showsDesktop } from '../test/page/open-page.ts';
import { ADMIN, FleetProcess } from '../test/support/fleet-process.ts';
import type { HttpsClient } from '../test/support/https-client.ts';
import { Viewer } from '../test/support/viewer.ts';
import { monotonicMs } from './clock.ts';
import { median } from './statistics.ts';

/** Desktops that are made at the same time. */
const AT_ONCE = 10;
const LIMIT_MS = 90_000;

/** Times in ms from the call that makes a desktop. Medians of the rounds. */
export interface StartResult {
  /** Until the call has answered, for one desktop. */
  readonly runsMs: number;
  /** Until Chromium shows its first picture. */
  readonly pictureMs: number;
  /** The same for the last one of ten that are made at the same time. */
  readonly lastRunsMs: number;
  readonly lastPictureMs: number;
}

interface Started {
  readonly runsMs: number;
  readonly pictureMs: number;
}

/** Measures how long a new desktop of a fleet takes to its first picture, in a browser that has logged in. */
export async function measureStarts(rounds: number): Promise<StartResult> {
  const [fleet, browser] = await Promise.all([FleetProcess.start(), launchChromium()]);
  const admin = fleet.client();
  const ones: Started[] = [];
  const tens: Started[] = [];
  try {
    const context = await logIn(browser, fleet);
    // The first one loads files from the disk, and makes the browser compile the page.
    await startOne(fleet, admin, context, 'warm');
    for (let round = 1; round <= rounds; round++) {
      ones.push(await startOne(fleet, admin, context, `one-${round}`));
      tens.push(await startTen(fleet, admin, context, `ten-${round}`));
      console.error(
        `start ${round}/${rounds}: ${describe(ones.at(-1)!)}; the last of ten: ${describe(tens.at(-1)!)}`,
      );
    }
  } finally {
    await browser.close();
    admin.close();
    await fleet.removeAll();
  }
  const middle = (all: readonly Started[], of: keyof Started): number => median(all.map((one) => one[of]))!;
  return {
    runsMs: middle(ones, 'runsMs'),
    pictureMs: middle(ones, 'pictureMs'),
    lastRunsMs: middle(tens, 'runsMs'),
    lastPictureMs: middle(tens, 'pictureMs'),
  };
}

async function logIn(browser: Browser, fleet: FleetProcess): Promise<BrowserContext> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(fleet.url);
  await page.fill('#user', ADMIN.name);
  await page.fill('#password', ADMIN.password);
  await page.click('#submit');
  await page.locator('#login').waitFor({ state: 'hidden' });
  await page.close();
  return context;
}

async function startOne(
  fleet: FleetProcess,
  admin: HttpsClient,
  context: BrowserContext,
  name: string,
): Promise<Started> {
  const fromMs = monotonicMs();
  await create(admin, name);
  const runsMs = monotonicMs() - fromMs;
  await showPicture(context, fleet, name);
  const pictureMs = monotonicMs() - fromMs;
  await remove(admin, name);
  return { runsMs, pictureMs };
}

/** The others have viewers without a browser: ten browsers would not share the machine of the fleet. */
async function startTen(
  fleet: FleetProcess,
  admin: HttpsClient,
  context: BrowserContext,
  prefix: string,
): Promise<Started> {
  const names = Array.from({ length: AT_ONCE }, (_, i) => `${prefix}-${i}`);
  const viewers: Viewer[] = [];
  const fromMs = monotonicMs();
  let running = 0;
  let runsMs = 0;
  await Promise.all(
    names.map(async (name) => {
      await create(admin, name);
      if (++running < AT_ONCE) {
        viewers.push(await Viewer.connectWebSocket(fleet.target(name)));
        return;
      }
      runsMs = monotonicMs() - fromMs;
      await showPicture(context, fleet, name);
    }),
  );
  const pictureMs = monotonicMs() - fromMs;
  await Promise.all(viewers.map((viewer) => viewer.close()));
  await Promise.all(names.map((name) => remove(admin, name)));
  return { runsMs, pictureMs };
}

async function create(admin: HttpsClient, name: string): Promise<void> {
  let made = await admin.post('/api/desktops?wait=60', { name }, { timeoutMs: LIMIT_MS });
  // On a busy machine, a start takes longer than a call may wait.
  while (made.json().state === 'starting')
    made = await admin.get(`/api/desktops/${name}?wait=60`, { timeoutMs: LIMIT_MS });
  if (made.json().state !== 'running') throw new Error(`${name} did not start: ${made.text()}`);
}

async function remove(admin: HttpsClient, name: string): Promise<void> {
  await admin.send(`/api/desktops/${name}?wait=60`, { method: 'DELETE', timeoutMs: LIMIT_MS });
}

async function showPicture(context: BrowserContext, fleet: FleetProcess, name: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${fleet.url}d/${name}/`, { waitUntil: 'commit' });
  await showsDesktop(page);
  await page.close();
}

const describe = ({ runsMs, pictureMs }: Started): string =>
  `runs after ${runsMs.toFixed(0)} ms, shown after ${pictureMs.toFixed(0)} ms`;

export const formatStarts = ({ runsMs, pictureMs, lastRunsMs, lastPictureMs }: StartResult): string =>
  [
    'start: from the call that makes a desktop to its picture in Chromium',
    `  one: ${describe({ runsMs, pictureMs })}`,
    `  the last of ${AT_ONCE} at once: ${describe({ runsMs: lastRunsMs, pictureMs: lastPictureMs })}`,
  ].join('\n');
