import { WEBSOCKET_PATH } from '../../http/websocket/gate.ts';

/** A URL below the page of one desktop. */
export interface DesktopUrl {
  readonly name: string;
  /** Path below the desktop's own root, such as `/api/get_users`. Empty for a page's URL without its last slash. */
  readonly path: string;
  /** The query with its question mark. */
  readonly query: string;
}

const FORM = /^\/d\/([^/?]+)(\/[^?]*)?(\?.*)?$/s;

/** Takes the URL of a desktop apart. Undefined for other URLs. */
export function desktopUrl(url: string): DesktopUrl | undefined {
  const [, name, path = '', query = ''] = FORM.exec(url) ?? [];
  return name === undefined ? undefined : { name, path, query };
}

/** Whether a request for an upgrade is that of a viewer. */
export function isViewerUrl(upgrade: string | undefined, url: string): boolean {
  return upgrade?.toLowerCase() === 'websocket' && desktopUrl(url)?.path === WEBSOCKET_PATH;
}
