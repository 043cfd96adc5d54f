/** Addresses that viewers write with a slash at their end. */
const WITH_SLASH = '/websockify/';

/** Where Prometheus looks for metrics by default, and the call of the API that has them. */
const METRICS = '/metrics';
const METRICS_CALL = '/api/metrics';

/**
 * Turns the URL of a request into that of the server's own routes: without the path below which a proxy shows the
 * server, if the proxy has left it, and without the slashes that proxies and viewers double where they join two paths.
 */
export function innerUrl(url: string, basePath: string | undefined): string {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  if (!path.startsWith('/')) return url;
  let inner = oneSlash(path);
  const below = basePath && pathBelow(inner, basePath);
  if (below !== undefined) inner = oneSlash(below);
  if (inner === WITH_SLASH) inner = inner.slice(0, -1);
  if (inner === METRICS) inner = METRICS_CALL;
  return end < 0 ? inner : `${inner}${url.slice(end)}`;
}

/**
 * The part of a path below a base path. Undefined if the path is not below it. Proxies and browsers differ in which
 * characters they encode: JupyterHub has `/user/ada%40example.org`, and browsers may ask for `/user/ada@example.org`.
 */
function pathBelow(path: string, basePath: string): string | undefined {
  const parts = path.split('/');
  const base = basePath.split('/');
  if (!base.every((part, i) => parts[i] !== undefined && decoded(parts[i]) === decoded(part)))
    return undefined;
  return parts
    .slice(base.length)
    .map((part) => `/${part}`)
    .join('');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const oneSlash = (path: string): string => `/${path.replace(/^\/+/, '')}`;
