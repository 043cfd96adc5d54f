import { type Browser, chromium } from 'playwright-core';

/** Starts Debian's Chromium with everything off that uses the network by itself, and with further flags. */
export function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.DESKWIRE_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...flags,
    ],
  });
}

interface ScreenReading {
  readonly width: number;
  readonly height: number;
  readonly base64: string;
}

/** Script that runs in the page, where there is a DOM. */
const READ_SCREEN = `(() => {
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let binary = '';
  for (let at = 0; at < data.length; at += 0x8000) {
    binary += String.fromCharCode(...data.subarray(at, at + 0x8000));
  }
  return { width: canvas.width, height: canvas.height, base64: btoa(binary) };
})()`;

/** A page that runs scripts, in any browser. */
export interface ScriptedPage {
  evaluate<T>(script: string): Promise<T>;
}

/** Returns the desktop's picture as the page shows it: RGBA, 4 bytes per pixel. */
export async function readScreen(
  page: ScriptedPage,
): Promise<{ width: number; height: number; rgba: Uint8Array }> {
  const { width, height, base64 } = await page.evaluate<ScreenReading>(READ_SCREEN);
  return { width, height, rgba: Buffer.from(base64, 'base64') };
}
