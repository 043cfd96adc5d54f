import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { User } from '../accounts/user.ts';
import { brokenOff } from './broken-off.ts';
import { matchesEtag } from './etag.ts';
import type { Login } from './login/login.ts';
import type { Origins } from './origin/origins.ts';
import { pagePolicy } from './problems/answer-headers.ts';
import { httpProblem, Problem } from './problems/errors.ts';

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

/** Addresses of the page in KasmVNC and noVNC, which people have in bookmarks and portals. */
const OLD_PAGES = ['/index.html', '/vnc.html', '/vnc_lite.html', '/vnc_auto.html', '/screen.html'];

/** The login form, and the files that it loads. They are for browsers that have not logged in. */
const LOGIN_PAGE = '/login.html';
const LOGIN_FILE = /^\/login[.-]/;

/** A name with a hash of the contents, such as `main-K3J5QZ7A.js`. Such a file never changes. */
const HASHED_NAME = /-[A-Z0-9]{8}\.[a-z0-9.]+$/;

interface PageFile {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
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
}

/**
 * Serves the page to users who log in. Reads all files once, so that no request names a file of the disk. A
 * navigation also gets the login cookie, or one that is renewed. So does the page's own probe, because a page that was
 * open when the server restarted has an unknown cookie. Rejects if the folder cannot be read.
 */
export async function servePage(app: FastifyInstance, options: PageOptions): Promise<void> {
  const files = await readFiles(options);
  const form = files.get(LOGIN_PAGE);
  for (const [path, file] of files) {
    app.route({
      method: ['GET', 'HEAD'],
      url: path,
      handler: async (request, reply) => {
        if (LOGIN_FILE.test(path)) return send(request, reply, file);
        try {
          await admit(request, reply, options);
        } catch (error) {
          const isRefused = error instanceof Problem && error.status === UNAUTHORIZED;
          if (isRefused && form !== undefined && isNavigation(request))
            return askForLogin(reply, error, form);
          throw error;
        }
        return send(request, reply, file);
      },
    });
  }
}

const UNAUTHORIZED = 401;

const isNavigation = ({ headers, method }: FastifyRequest): boolean =>
  method === 'GET' && headers['sec-fetch-mode'] === 'navigate';

/** Shows the login form instead of the page: below the browser's own dialog, or in its place where it shows none. */
function askForLogin(reply: FastifyReply, problem: Problem, form: PageFile): FastifyReply {
  reply.refusal = problem;
  const { ETag: _, ...headers } = form.headers;
  return reply.code(problem.status).headers(problem.headers).headers(headers).send(form.bytes);
}

async function admit(request: FastifyRequest, reply: FastifyReply, options: PageOptions): Promise<void> {
  const { login, origins, seatProblem } = options;
  const mode = request.headers['sec-fetch-mode'];
  // The page sends this after its WebSocket was refused, because a browser does not tell a script the reason.
  const isProbe = request.method === 'HEAD' && mode === 'same-origin';
  const user = await login.byCookieOrPassword(request.raw, brokenOff(reply.raw).signal);
  request.user = user;
  request.pass = user.pass;
  if (isProbe && !user.read) throw httpProblem('HTTP_NO_READ');
  const refused = isProbe ? seatProblem(user, request.raw) : undefined;
  if (refused !== undefined) throw refused;
  if (!isProbe && mode !== undefined && mode !== 'navigate') return;
  const cookie = login.cookieFor(user, request.raw, origins.isFramed(request.raw));
  if (cookie !== undefined) reply.header('Set-Cookie', cookie);
}

function send(request: FastifyRequest, reply: FastifyReply, file: PageFile): FastifyReply {
  reply.headers(file.headers);
  if (matchesEtag(request.headers['if-none-match'], file.headers.ETag!)) return reply.code(304).send();
  return reply.send(file.bytes);
}

async function readFiles({ folder, basePath, origins }: PageOptions): Promise<Map<string, PageFile>> {
  const policy = pagePolicy(origins.list, basePath !== undefined);
  const files = new Map<string, PageFile>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const full = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, full).split(sep).map(encodeURIComponent).join('/')}`;
    if (path === '/api' || path.startsWith('/api/')) continue;
    const read = await readFile(full);
    const bytes = path.endsWith('.html') ? withBase(read, basePath) : read;
    const file = { bytes, headers: headersOf(entry.name, bytes, policy) };
    files.set(path, file);
  }
  const index = files.get('/index.html');
  if (index !== undefined) for (const path of ['/', ...OLD_PAGES]) files.set(path, index);
  if (!files.has('/')) throw new Error(`there is no index.html in ${folder}`);
  return files;
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
