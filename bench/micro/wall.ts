// What the page that lists a fleet's desktops costs: a real page in Chromium and a real edge, each in its own process,
// with desktops that only answer. Run: node bench/micro/wall.ts [desktops] [seconds]
// Needs a built page: npm run build.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { encodeJpeg } from '../../src/encode/encoders/jpeg.ts';
import { jpegQualityOf } from '../../src/protocol/quality.ts';
import { launchChromium } from '../../test/client/browser.ts';
import { HIDDEN_PAGE, setHidden } from '../../test/client/page-visibility.ts';
import { processTree, readProc } from '../../test/support/process-tree.ts';
import { StillDesktop } from '../../test/support/still-desktop.ts';
import { forkChild } from '../ipc.ts';
import { createRandom } from '../painter/random.ts';
import { readUsage } from '../process-usage.ts';
import { printTable } from './support/table.ts';
import type { EdgeCalls } from './support/wall-edge.ts';

const ADMIN = { name: 'ada', password: 'ada-secret' };
const SIZE = { width: 320, height: 200 };
/** Rectangles in a picture: as many as make a JPEG of some 10 kB, as a desktop with windows and text has. */
const RECTANGLES = 160;
const PICTURES = 64;
const QUALITY = 5;
/** Time before each measurement, in ms: pictures are fetched, and code is compiled. */
const WARM_UP_MS = 5000;

const [desktopCount = 40, seconds = 20] = process.argv.slice(2).map(Number);

/** How much of the desktops changes. A desktop that changes has another picture each time that it is asked. */
const SCENES = { 'none changes': 0, 'a quarter changes': 0.25, 'all change': 1 } as const;

interface Cost {
  readonly browserPercent: number;
  readonly edgePercent: number;
  readonly kBPerSecond: number;
  readonly requestsPerSecond: number;
  readonly picturesPerSecond: number;
}

const pictures = drawPictures();
const desktops = await Promise.all(Array.from({ length: desktopCount }, () => StillDesktop.start()));
const edge = forkChild<EdgeCalls>(new URL('./support/wall-edge.ts', import.meta.url));
const browser = await launchChromium();
try {
  for (const [i, desktop] of desktops.entries()) {
    desktop.viewers = [{ user: `pupil-${i}`, cpu: 10, network: i % 10 === 0 ? 3.1 : 10 }];
    change(desktop, i);
  }
  const url = await edge.calls.start(
    ADMIN,
    desktops.map(({ socketPath }, i) => [`lab-${i + 1}`, socketPath] as const),
  );
  const { page, devTools } = await openWall(browser, url);
  const rows: (readonly string[])[] = [];
  for (const [name, share] of Object.entries(SCENES)) rows.push(row(name, await measure(devTools, share)));
  await setHidden(page, true);
  rows.push(row('all change, the tab is hidden', await measure(devTools, 1)));
  const picture = Math.round(pictures.reduce((sum, { length }) => sum + length, 0) / PICTURES);
  printTable(
    `${desktopCount} desktops on one page, ${seconds} s each, ${picture} bytes a picture; CPU in % of one core`,
    ['desktops', 'browser CPU', 'edge CPU', 'kB/s', 'requests/s', 'pictures/s'],
    rows,
  );
} finally {
  await browser.close();
  await edge.calls.close();
  await edge.close();
  for (const desktop of desktops) desktop.close();
}

function row(name: string, cost: Cost): readonly string[] {
  const { browserPercent, edgePercent, kBPerSecond, requestsPerSecond, picturesPerSecond } = cost;
  const numbers = [browserPercent, edgePercent, kBPerSecond, requestsPerSecond, picturesPerSecond];
  return [name, ...numbers.map((value) => value.toFixed(1))];
}

/** Opens the page, logged in, in a window in which all cards can be seen. */
async function openWall(from: Browser, url: string): Promise<{ page: Page; devTools: CDPSession }> {
  const context = await from.newContext({ viewport: { width: 1920, height: 2400 }, locale: 'en' });
  const page = await context.newPage();
  const devTools = await context.newCDPSession(page);
  await page.addInitScript(HIDDEN_PAGE);
  await page.goto(url);
  await page.fill('#user', ADMIN.name);
  await page.fill('#password', ADMIN.password);
  await page.click('#submit');
  await page
    .locator('.desktop')
    .nth(desktopCount - 1)
    .waitFor();
  return { page, devTools };
}

async function measure(devTools: CDPSession, share: number): Promise<Cost> {
  const changing = desktops.slice(0, Math.round(desktopCount * share));
  let next = 0;
  for (const desktop of desktops) desktop.onRequest = () => {};
  for (const desktop of changing)
    desktop.onRequest = ({ url }) => {
      if (url?.startsWith('/api/get_screenshot')) change(desktop, next++);
    };
  await sleep(WARM_UP_MS);
  let [bytes, requests] = [0, 0];
  // Pictures that the page makes itself of what it has received are loaded, too.
  const own = new Set<string>();
  const begun = ({ requestId, request }: { requestId: string; request: { url: string } }): void => {
    if (request.url.startsWith('blob:')) own.add(requestId);
  };
  const received = ({
    requestId,
    encodedDataLength,
  }: {
    requestId: string;
    encodedDataLength: number;
  }): void => {
    if (own.delete(requestId)) return;
    bytes += encodedDataLength;
    requests++;
  };
  await devTools.send('Network.enable');
  devTools.on('Network.requestWillBeSent', begun);
  devTools.on('Network.loadingFinished', received);
  const sentBefore = sent();
  const pids = [browserPid(), edge.pid];
  const before = pids.map((pid) => readUsage(pid).cpuSeconds);
  await sleep(seconds * 1000);
  const used = pids.map((pid, i) => readUsage(pid).cpuSeconds - before[i]!);
  const [browserPercent, edgePercent] = used.map((cpu) => (100 * cpu) / seconds) as [number, number];
  devTools.off('Network.requestWillBeSent', begun);
  devTools.off('Network.loadingFinished', received);
  await devTools.send('Network.disable');
  return {
    ...{ browserPercent, edgePercent },
    kBPerSecond: bytes / 1000 / seconds,
    requestsPerSecond: requests / seconds,
    picturesPerSecond: (sent() - sentBefore) / seconds,
  };
}

function sent(): number {
  return desktops.reduce((sum, { counts }) => sum + counts.sent, 0);
}

function change(desktop: StillDesktop, number: number): void {
  desktop.show(pictures[number % PICTURES]!, `t${number}`);
}

function drawPictures(): Uint8Array[] {
  const random = createRandom(1);
  const upTo = (most: number): number => Math.floor(random() * most);
  const pixels = new Uint32Array(SIZE.width * SIZE.height);
  return Array.from({ length: PICTURES }, () => {
    pixels.fill(0xff_dd_dd_dd);
    for (let i = 0; i < RECTANGLES; i++) {
      const [left, top, width, height] = [upTo(312), upTo(196), 1 + upTo(8), 1 + upTo(4)];
      const colour = upTo(0xffffff);
      for (let y = top; y < top + height; y++)
        pixels.fill(colour, y * SIZE.width + left, y * SIZE.width + Math.min(SIZE.width, left + width));
    }
    const bytes = new Uint8Array(pixels.buffer);
    return Uint8Array.from(encodeJpeg(bytes, SIZE.width, SIZE.height, SIZE.width, jpegQualityOf(QUALITY)));
  });
}

/** The process of Chromium that this process has started. Its other processes descend from it. */
function browserPid(): number {
  const found = processTree(process.pid).find((pid) => {
    const command = readProc(pid, 'cmdline') ?? '';
    return command.includes('chromium') && !command.includes('--type=');
  });
  if (found === undefined) throw new Error('Chromium is not running.');
  return found;
}
