import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HASHED_NAME } from '../protocol/hashed-name.ts';
import { acceptsBrotli } from './accepts-brotli.ts';
import { matchesEtag } from './etag.ts';
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

export interface PageFile {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** The same file for clients that take Brotli. */
  readonly compressed?: PageFile;
}

/** Sends a file, or says that the caller has it. */
export function sendFile(request: FastifyRequest, reply: FastifyReply, plain: PageFile): FastifyReply {
  const file = (acceptsBrotli(request.headers['accept-encoding']) && plain.compressed) || plain;
  reply.headers(file.headers);
  if (matchesEtag(request.headers['if-none-match'], file.headers.ETag!)) return reply.code(304).send();
  return reply.send(file.bytes);
}

export interface PageFilesOptions {
  /** Path below which a proxy shows the page. */
  readonly basePath?: string | undefined;
  /** Origins whose pages may show the page in a frame. */
  readonly frameOrigins: readonly string[];
  /** HTML that is added to the document's head. */
  readonly head?: string;
}

/**
 * Reads the files of a built page, by their paths, so that no request names a file of the disk. Rejects if the folder
 * cannot be read.
 */
export async function readPageFiles(
  folder: string,
  { basePath, frameOrigins, head = '' }: PageFilesOptions,
): Promise<Map<string, PageFile>> {
  const added = `${basePath === undefined ? '' : baseElement(basePath)}${head}`;
  const files = new Map<string, PageFile>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const full = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, full).split(sep).map(encodeURIComponent).join('/')}`;
    if (path === '/api' || path.startsWith('/api/') || path.endsWith(COMPRESSED)) continue;
    const read = await readFile(full);
    const isDocument = path.endsWith('.html');
    const bytes = isDocument ? withHead(read, added) : read;
    const policy = pagePolicy(frameOrigins, isDocument ? bytes.toString() : '', basePath !== undefined);
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
const baseElement = (basePath: string): string =>
  `<base href="${`${basePath}/`.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}" />`;

function withHead(page: Buffer, added: string): Buffer {
  if (added === '') return page;
  return Buffer.from(page.toString().replace(/<head>/i, (head) => `${head}${added}`));
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
