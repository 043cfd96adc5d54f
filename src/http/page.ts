import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../accounts/pass.ts';
import type { User } from '../accounts/user.ts';
import { HASHED_NAME } from '../protocol/hashed-name.ts';
import { acceptsBrotli } from './accepts-brotli.ts';
import { brokenOff } from './broken-off.ts';
import { matchesEtag } from './etag.ts';
import { asksForBasic, SESSION_HEADER } from './login/challenge.ts';
import type { Login } from './login/login.ts';
import type { Origins } from './origin/origins.ts';
import { httpProblem, Problem } from './problems/errors.ts';
import { pagePolicy } from './problems/page-policy.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/**
 * Further addresses of the page: those of KasmVNC and noVNC, which people have in bookmarks and portals, and that of
 * links with a ticket.
 */
const OTHER_ADDRESSES = [
  ...['/index.html', '/vnc.html', '/vnc_lite.html', '/vnc_auto.html', '/screen.html'],
  '/login.html',
];

/** Ends the name of a file that the build has compressed by Brotli. It is sent as the file without this ending. */
const COMPRESSED = '.br';

interface PageFile {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** The same file for clients that take Brotli. */
  readonly compressed?: PageFile;
}

export interface PageOptions {
  /** Folder of the built page, with its `index.html`. */
  readonly folder: string;
  /** Path below which a proxy shows the server. */
  readonly basePath: string | undefined;
  readonly login: Login;
  readonly origins: Origins;
  /** The reason why this user cannot have a viewer now, or why the last one was refused. */
  readonly seatProblem: (user: User, request: IncomingMessage) => Problem | undefined;
  /** A browser with a valid login loads the page: its viewer is about to connect. */
  expectViewer(): void;
}

/**
 * Serves the page's files, which are the same for everybody and need no login. Reads all of them once, so that no
 * request names a file of the disk. What asks for more than a file has to log in: see `needsLogin`. Rejects if the
 * folder cannot be read.
 */
export async function servePage(app: FastifyInstance, options: PageOptions): Promise<void> {
  const files = await readFiles(options);
  for (const [path, file] of files) {
    app.route({
      method: ['GET', 'HEAD'],
      url: path,
      handler: async (request, reply) => {
        if (needsLogin(request)) await admit(request, reply, options);
        else if (isNavigation(request.raw)) renewCookie(request, reply, options);
        return send(request, reply, file);
      },
    });
  }
}

/**
 * Whether a request for a file is also one to log in. The page's probe is: it asks why its WebSocket was refused, which a
 * browser does not tell a script, and gets the login cookie, because the server may have restarted. So is a program that
 * sends a password or a token with it, and a navigation that asks for the browser's own dialog.
 */
function needsLogin({ raw }: FastifyRequest): boolean {
  return isProbe(raw) || asksForBasic(raw) || (!isBrowser(raw) && raw.headers.authorization !== undefined);
}

const isProbe = ({ headers, method }: IncomingMessage): boolean =>
  method === 'HEAD' && (headers['sec-fetch-mode'] === 'same-origin' || headers[SESSION_HEADER] !== undefined);

/** Browsers that know the server by plain HTTP do not say what sends a request. */
const isNavigation = ({ headers, method }: IncomingMessage): boolean =>
  method === 'GET' &&
  (headers['sec-fetch-mode'] ?? (headers.accept?.includes('text/html') ? 'navigate' : '')) === 'navigate';

/** A browser may send a password that it remembers with any file. The page asks for a ticket with it. */
const isBrowser = (request: IncomingMessage): boolean =>
  request.headers['sec-fetch-mode'] !== undefined || isNavigation(request);

async function admit(request: FastifyRequest, reply: FastifyReply, options: PageOptions): Promise<void> {
  const { login, origins, seatProblem } = options;
  const user = await login.byCookieOrPassword(request.raw, brokenOff(reply.raw).signal);
  request.user = user;
  request.pass = user.pass;
  if (isProbe(request.raw)) {
    if (!user.read) throw httpProblem('HTTP_NO_READ');
    const refused = seatProblem(user, request.raw);
    if (refused !== undefined) throw refused;
  }
  const cookie = login.cookieFor(user, request.raw, origins.isFramed(request.raw));
  if (cookie !== undefined) reply.header('Set-Cookie', cookie);
}

/** Renews the cookie of a browser that loads the page, if it has one. */
function renewCookie(request: FastifyRequest, reply: FastifyReply, options: PageOptions): void {
  const { login, origins, expectViewer } = options;
  if (request.headers.cookie === undefined) return;
  let user: Caller | undefined;
  try {
    user = login.byCookie(request.raw);
  } catch (error) {
    // The proxy names a user who has no account. The page will say so.
    if (error instanceof Problem) return;
    throw error;
  }
  if (user === undefined) return;
  request.user = user;
  request.pass = user.pass;
  // The answer leaves first.
  if (user.read) setImmediate(expectViewer);
  const cookie = login.cookieFor(user, request.raw, origins.isFramed(request.raw));
  if (cookie !== undefined) reply.header('Set-Cookie', cookie);
}

function send(request: FastifyRequest, reply: FastifyReply, plain: PageFile): FastifyReply {
  const file = (acceptsBrotli(request.headers['accept-encoding']) && plain.compressed) || plain;
  reply.headers(file.headers);
  if (matchesEtag(request.headers['if-none-match'], file.headers.ETag!)) return reply.code(304).send();
  return reply.send(file.bytes);
}

async function readFiles({ folder, basePath, origins }: PageOptions): Promise<Map<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const full = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, full).split(sep).map(encodeURIComponent).join('/')}`;
    if (path === '/api' || path.startsWith('/api/') || path.endsWith(COMPRESSED)) continue;
    const read = await readFile(full);
    const isDocument = path.endsWith('.html');
    const bytes = isDocument ? withBase(read, basePath) : read;
    const policy = pagePolicy(origins.list, isDocument ? bytes.toString() : '', basePath !== undefined);
    const file = { bytes, headers: headersOf(entry.name, bytes, policy) };
    files.set(path, isDocument ? file : await withCompressed(file, `${full}${COMPRESSED}`));
  }
  const index = files.get('/index.html');
  if (index !== undefined) for (const path of ['/', ...OTHER_ADDRESSES]) files.set(path, index);
  if (!files.has('/')) throw new Error(`there is no index.html in ${folder}`);
  return files;
}

/** Adds a file's compressed form, if there is one. Caches keep both apart. */
async function withCompressed(file: PageFile, path: string): Promise<PageFile> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return file;
  const headers: Record<string, string> = { ...file.headers, Vary: 'Accept-Encoding' };
  const ETag = headers.ETag!.replace(/"$/, '-br"');
  return { ...file, headers, compressed: { bytes, headers: { ...headers, ETag, 'Content-Encoding': 'br' } } };
}

/** Has a page load its files below a path. The browser would look beside `/desk`, as it would not beside `/desk/`. */
function withBase(page: Buffer, basePath: string | undefined): Buffer {
  if (basePath === undefined) return page;
  const href = `${basePath}/`.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return Buffer.from(page.toString().replace(/<head>/i, (head) => `${head}<base href="${href}" />`));
}

function headersOf(name: string, bytes: Buffer, policy: string): Record<string, string> {
  const digest = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return {
    'Content-Type': CONTENT_TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream',
    'Cache-Control': HASHED_NAME.test(name) ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    'Content-Security-Policy': policy,
    ETag: `"${digest}"`,
  };
}
