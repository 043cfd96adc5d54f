import { fleetFolder } from '../fleet-place.ts';

/** Carries the key of the page's session, or `none`. The server opens no dialog of the browser for a request with it. */
const HEADER = 'Deskwire-Session';

/** Keys where the browser forbids storage, such as in a frame of another site. They last until the page is left. */
const inMemory = new Map<string, string>();

/** One login is for all desktops of a fleet. */
const nameOf = ({ pathname }: URL): string => `deskwire ${fleetFolder()?.pathname ?? pathname} session`;

/**
 * The key of this browser's session at the server whose folder is `baseUrl`. Together with the cookie, which scripts
 * cannot read, it logs the page in. It is in the storage of the origin, because a cookie is sent to all ports of a host.
 */
export function sessionKey(baseUrl: URL): string | undefined {
  if (baseUrl.origin !== location.origin) return undefined;
  const name = nameOf(baseUrl);
  try {
    return localStorage.getItem(name) ?? inMemory.get(name);
  } catch {
    return inMemory.get(name);
  }
}

/** Keeps the key of a new session, or forgets the last one. */
export function keepSessionKey(baseUrl: URL, key: string | undefined): void {
  const name = nameOf(baseUrl);
  inMemory.delete(name);
  try {
    if (key === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, key);
  } catch {
    if (key !== undefined) inMemory.set(name, key);
  }
}

/** Calls back when another tab of this browser has logged in. */
export function onSessionBegun(baseUrl: URL, listener: () => void): void {
  const name = nameOf(baseUrl);
  window.addEventListener('storage', ({ key, newValue }) => {
    if (key === name && newValue !== null) listener();
  });
}

/** What each request of our page has. A server of another origin would refuse it. */
export function sessionHeaders(baseUrl: URL): Record<string, string> {
  if (baseUrl.origin !== location.origin) return {};
  return { [HEADER]: sessionKey(baseUrl) ?? 'none' };
}
