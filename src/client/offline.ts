import type { Emitter } from './view/emitter.ts';
import type { ViewEvents } from './view/view.ts';

/** The service worker, which keeps the page's files for times without the server. */
const WORKER = 'service-worker.js';
const RELOADED = 'deskwire reloaded';

/** Keeps what the browser has of the page in step with the server, from the first picture on. */
export function keepInStep(events: Emitter<ViewEvents>, baseUrl: URL): void {
  let wasAway = false;
  events.on('disconnected', () => {
    wasAway = true;
  });
  events.on('connected', () => {
    if (wasAway) void followServer(baseUrl);
    wasAway = false;
  });
  events.on('picture', () => keepFiles(baseUrl));
}

/**
 * Has the browser keep the page's files. Only for the page itself: not in a frame, whose storage belongs to the other
 * page. A browser that has no service workers, or trusts the server's certificate only by an exception, keeps nothing.
 */
function keepFiles(baseUrl: URL): void {
  if (window.top !== window || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register(new URL(WORKER, baseUrl)).catch(() => {});
}

/**
 * Loads the page anew if the server has another one: it was updated while the page was open, or before a kept page was.
 * Called when the server is back. In full screen, which a reload would end, it waits until the user leaves that.
 */
async function followServer(baseUrl: URL): Promise<void> {
  const script = document.querySelector<HTMLScriptElement>('script[type="module"]')?.src.split('/').at(-1);
  if (script === undefined || !(await hasOther(baseUrl, script))) return;
  if (wasReloaded(script)) return;
  if (document.fullscreenElement === null) location.reload();
  else document.addEventListener('fullscreenchange', () => location.reload(), { once: true });
}

/** Whether the server's page has another script. */
async function hasOther(baseUrl: URL, script: string): Promise<boolean> {
  try {
    const response = await fetch(baseUrl, { mode: 'same-origin', cache: 'no-store' });
    return response.ok && !(await response.text()).includes(script);
  } catch {
    return false;
  }
}

/** Whether this version was reloaded before: a proxy that changes the page must not cause a loop. Notes that it is. */
function wasReloaded(script: string): boolean {
  try {
    const isSecond = sessionStorage.getItem(RELOADED) === script;
    sessionStorage.setItem(RELOADED, script);
    return isSecond;
  } catch {
    // A browser that keeps nothing could not tell a loop.
    return true;
  }
}
