// Keeps the page's own files, so that the page opens without the server and says why there is no desktop. The server's
// answer always goes first, so that a server that was updated shows its new page.

import { answerFor } from './answer-for.ts';
import { filesToKeep } from './files-to-keep.ts';

declare const self: ServiceWorkerGlobalScope;
/** Names of the page's files, and a digest of all of them. The build puts them in. */
declare const PAGE_FILES: readonly string[];
declare const PAGE_DIGEST: string;

/**
 * Longest wait for the server's page, in ms, before the kept one is shown. With a smaller value, a slow link shows the
 * kept page though the server is there; with a larger one, a network that swallows packets shows nothing for longer.
 */
const PAGE_PATIENCE_MS = 4000;

/** Statuses of a proxy whose server does not answer. The kept page says more than the proxy's. */
const GATEWAY_FAILURES: ReadonlySet<number> = new Set([502, 503, 504]);
const UNAUTHORIZED = 401;

const { scope } = self.registration;
const files = new Set(PAGE_FILES);
/** Desktops beside this one, of the same host, have caches of their own. */
const prefix = `deskwire ${new URL(scope).pathname} `;
const cacheName = `${prefix}${PAGE_DIGEST}`;

self.addEventListener('install', (event) => event.waitUntil(keepFiles().then(() => self.skipWaiting())));
self.addEventListener('activate', (event) => event.waitUntil(dropOldFiles()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const answer = answerFor(request, scope, files);
  if (answer === 'page') event.respondWith(page(request));
  if (answer === 'newest') event.respondWith(newest(request));
  if (answer === 'kept') event.respondWith(kept(request));
});

/** Keeps the page and its files. Rejects if one of them is not the server's own, such as a proxy's login page. */
async function keepFiles(): Promise<void> {
  const cache = await caches.open(cacheName);
  const names = filesToKeep(PAGE_FILES, navigator.languages);
  await Promise.all(['', ...names].map((name) => keep(cache, name)));
}

async function keep(cache: Cache, name: string): Promise<void> {
  const response = await fetch(new URL(name, scope), { mode: 'same-origin' });
  if (!response.ok || response.redirected) throw new Error(`The server does not give ${name || 'the page'}`);
  // A server that was updated meanwhile has another page, which needs other files.
  if (name === '' && !namesOurFiles(await response.clone().text()))
    throw new Error('The page is another one');
  await cache.put(new URL(name, scope), response);
}

const namesOurFiles = (html: string): boolean =>
  PAGE_FILES.some((name) => name.startsWith('main-') && html.includes(name));

/** Deletes what older versions have kept, but for the last one: a page of that may be open. */
async function dropOldFiles(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== cacheName);
  for (const name of old.slice(0, -1)) await caches.delete(name);
}

async function page(request: Request): Promise<Response> {
  const keptPage = (): Promise<Response | undefined> => found(new URL('', scope));
  // Unchanged: with options of its own, the request would no longer count as a navigation.
  const asked = fetch(request).catch(() => undefined);
  const response = await Promise.race([asked, patience()]);
  if (response?.status === UNAUTHORIZED) return withoutWorker(request);
  if (response && !GATEWAY_FAILURES.has(response.status)) return response;
  return (await keptPage()) ?? (await asked) ?? Response.error();
}

const patience = (): Promise<undefined> =>
  new Promise((resolve) => setTimeout(() => resolve(undefined), PAGE_PATIENCE_MS));

/**
 * Has the browser load the page without a service worker: browsers show their dialog for a name and a password only for
 * requests of their own. The page registers a worker anew once it shows the desktop.
 */
async function withoutWorker({ url }: Request): Promise<Response> {
  await self.registration.unregister();
  return Response.redirect(url);
}

async function newest(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    return (await found(request)) ?? Response.error();
  }
}

const kept = async (request: Request): Promise<Response> =>
  (await caches.match(request, { ignoreVary: true })) ?? fetch(request);

/** A kept file of this version. */
const found = async (file: RequestInfo | URL): Promise<Response | undefined> =>
  (await caches.open(cacheName)).match(file, { ignoreVary: true });
