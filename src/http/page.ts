import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { User } from '../accounts/user.ts';
import { brokenOffSignal } from './broken-off.ts';
import { matchesEtag } from './etag.ts';
import type { Login } from './login/login.ts';
import { pagePolicy } from './problems/answer-headers.ts';
import { httpProblem, type Problem } from './problems/errors.ts';

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

/** A name with a hash of the contents, such as `main-K3J5QZ7A.js`. Such a file never changes. */
const HASHED_NAME = /-[A-Z0-9]{8}\.[a-z0-9.]+$/;

interface PageFile {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PageOptions {
  /** Folder of the built page, with its `index.html`. */
  readonly folder: string;
  readonly login: Login;
  /** The reason why this user cannot have a viewer now. */
  readonly seatProblem: (user: User, request: IncomingMessage) => Problem | undefined;
  /** Origins whose pages may show ours in a frame. */
  readonly frameOrigins: readonly string[];
}

/**
 * Serves the page to users who log in. Reads all files once, so that no request names a file of the disk. A
 * navigation also gets the login cookie, or one that is renewed. So does the page's own probe, because a page that was
 * open when the server restarted has an unknown cookie. Rejects if the folder cannot be read.
 */
export async function servePage(app: FastifyInstance, options: PageOptions): Promise<void> {
  const files = await readFiles(options.folder, pagePolicy(options.frameOrigins));
  for (const [path, file] of files) {
    app.route({
      method: ['GET', 'HEAD'],
      url: path,
      handler: async (request, reply) => {
        await admit(request, reply, options);
        return send(request, reply, file);
      },
    });
  }
}

async function admit(request: FastifyRequest, reply: FastifyReply, options: PageOptions): Promise<void> {
  const { login, seatProblem } = options;
  const mode = request.headers['sec-fetch-mode'];
  // The page sends this after its WebSocket was refused, because a browser does not tell a script the reason.
  const isProbe = request.method === 'HEAD' && mode === 'same-origin';
  const user = await login.byCookieOrPassword(request.raw, brokenOffSignal(reply.raw));
  request.user = user;
  if (isProbe && !user.read) throw httpProblem('HTTP_NO_READ');
  const refused = isProbe ? seatProblem(user, request.raw) : undefined;
  if (refused !== undefined) throw refused;
  if (!isProbe && mode !== undefined && mode !== 'navigate') return;
  const cookie = login.cookieFor(user, request.raw);
  if (cookie !== undefined) reply.header('Set-Cookie', cookie);
}

function send(request: FastifyRequest, reply: FastifyReply, file: PageFile): FastifyReply {
  reply.headers(file.headers);
  if (matchesEtag(request.headers['if-none-match'], file.headers.ETag!)) return reply.code(304).send();
  return reply.send(file.bytes);
}

async function readFiles(folder: string, policy: string): Promise<Map<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const full = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, full).split(sep).map(encodeURIComponent).join('/')}`;
    if (path === '/api' || path.startsWith('/api/')) continue;
    const bytes = await readFile(full);
    const file = { bytes, headers: headersOf(entry.name, bytes, policy) };
    files.set(path, file);
    if (path === '/index.html') files.set('/', file);
  }
  if (!files.has('/')) throw new Error(`there is no index.html in ${folder}`);
  return files;
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
