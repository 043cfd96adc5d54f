import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { readRegularFile } from '../../common/read-regular-file.ts';
import { writeFileAtomically } from '../../common/write-file-atomically.ts';
import { HttpStartError } from '../problems/errors.ts';
import { type CertificateNames, hasNames } from './certificate-names.ts';
import type { CertificateRequest, SelfSigned } from './self-signed.worker.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;
/** Remaining life at which the certificate is renewed. Larger renews more often; smaller leaves fewer tries. */
const RENEW_BEFORE_MS = 30 * DAY_MS;

/** The longest life that all browsers accept for a certificate that a user trusts. Smaller renews more often. */
const LIFETIME_MS = 825 * DAY_MS;
/**
 * Milliseconds that making a certificate may take. Usual are 200. A larger value delays the report if the thread for it
 * hangs; a smaller one fails on a busy machine.
 */
const MAKE_LIMIT_MS = 30_000;

/** Bytes of a file of PEM. Chains take some 10 KB. A larger value lets a wrong file take more memory. */
const MOST_PEM_BYTES = 1 << 20;

/** The permission of users outside the group to read. Keys that a group may read are usual, such as `ssl-cert`'s. */
const OTHERS_READ = 0o004;

const NO_NAMES: CertificateNames = { needed: [], present: [] };

/** A certificate chain and its private key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Files given by the user; both or neither. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Folder of the server's own pair. */
  readonly data: string;
  /** Names of the server's own certificate beside those of this machine. */
  readonly names?: CertificateNames;
  readonly log: Logger;
  /** The time in ms since 1970. Default: `Date.now`. */
  readonly now?: () => number;
}

/**
 * Loads the certificate to serve with: the user's, or the server's own. The server makes its own once, for the names of
 * this machine. It is self-signed: clients trust the file whose path is logged. Throws HttpStartError `HTTP_CERT_…`.
 */
export async function loadCertificate(options: CertificateOptions): Promise<Certificate> {
  if (options.cert === undefined && options.key === undefined) return ownCertificate(options);
  if (options.cert === undefined || options.key === undefined) {
    throw new HttpStartError('HTTP_CERT_UNREADABLE', 'give both --cert and --key, or neither');
  }
  const paths = { cert: options.cert, key: options.key };
  const pair = readPair(paths);
  checkGiven(pair, paths, options);
  if ((await stat(paths.key)).mode & OTHERS_READ)
    options.log.warn(
      { key: paths.key },
      'The private key can be read by other users (chmod 600 corrects that)',
    );
  return pair;
}

/** Paths of a certificate and its private key. */
export interface PairPaths {
  readonly cert: string;
  readonly key: string;
}

/** Reads two files as they are. Throws HttpStartError `HTTP_CERT_UNREADABLE`. */
export function readPair(paths: PairPaths): Certificate {
  return { cert: readPem(paths.cert), key: readPem(paths.key) };
}

/** Checks a pair that the user gave. Throws HttpStartError. Only logs that it has expired. */
export function checkGiven(
  pair: Certificate,
  paths: PairPaths,
  options: { log: Logger; now?: () => number },
): void {
  const { notAfter } = checkPair(pair, paths.cert, paths.key);
  if (notAfter.getTime() >= (options.now ?? Date.now)()) return;
  options.log.warn(
    { cert: paths.cert, ended: notAfter },
    'The certificate has expired. Browsers will refuse it',
  );
}

async function ownCertificate(options: CertificateOptions): Promise<Certificate> {
  const { pair, certPath, isNew } = await ownPair(options).catch(async (err: unknown) => {
    // The data folder may be read-only. The pair in it serves until it expires.
    const paths = pathsIn(options.data);
    const kept = await keptPair(paths, (options.now ?? Date.now)(), 0);
    if (kept === undefined) throw err;
    options.log.warn({ err }, 'The certificate expires soon, and cannot be renewed');
    return { pair: kept, certPath: paths.cert, isNew: false };
  });
  const what = isNew ? 'Made a self-signed certificate' : 'Using the self-signed certificate';
  options.log.info({ cert: certPath }, `${what}. With curl, use --cacert and this file`);
  return pair;
}

/** Returns the pair in the data folder if it is valid for long enough. Else makes a new one and stores it there. */
export async function ownPair({
  data,
  names = NO_NAMES,
  now = Date.now,
}: Pick<CertificateOptions, 'data' | 'names' | 'now'>): Promise<{
  readonly pair: Certificate;
  readonly certPath: string;
  readonly isNew: boolean;
}> {
  const paths = pathsIn(data);
  const kept = await keptPair(paths, now(), RENEW_BEFORE_MS, names);
  if (kept !== undefined) return { pair: kept, certPath: paths.cert, isNew: false };
  const made = await makePair(now(), [...names.needed, ...names.present]);
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
    await writeFileAtomically(paths.key, made.key, { mode: 0o600 });
    await writeFileAtomically(paths.cert, made.cert, { mode: 0o644 });
  } catch (cause) {
    const message = `cannot keep the certificate in ${data}: ${(cause as Error).message}; give a folder that can be written with --data`;
    throw new HttpStartError('HTTP_CERT_UNWRITABLE', message, { cause });
  }
  return { pair: made, certPath: paths.cert, isNew: true };
}

const pathsIn = (data: string): PairPaths => ({ cert: join(data, 'cert.pem'), key: join(data, 'key.pem') });

/** Reads the pair of an earlier start. Returns undefined if it is broken, valid for less than `leftMs`, or lacks a name. */
async function keptPair(
  paths: PairPaths,
  nowMs: number,
  leftMs: number,
  names = NO_NAMES,
): Promise<Certificate | undefined> {
  try {
    const pair = readPair(paths);
    const { notAfter } = checkPair(pair, paths.cert, paths.key);
    if (notAfter.getTime() - nowMs < leftMs) return undefined;
    if (!hasNames(new X509Certificate(pair.cert), names)) return undefined;
    await keepPrivate(paths.key);
    return pair;
  } catch (error) {
    if (error instanceof HttpStartError) return undefined;
    throw error;
  }
}

/** Takes the permissions of other users from a file, if there are any. */
async function keepPrivate(path: string): Promise<void> {
  if (((await stat(path)).mode & 0o077) === 0) return;
  await chmod(path, 0o600).catch(() => {
    // The folder is read-only, or the file belongs to another user, as the secrets of containers do.
  });
}

/** Makes a self-signed pair on a thread of its own. */
async function makePair(nowMs: number, names: readonly string[]): Promise<Certificate> {
  const notBeforeDate = new Date(nowMs - DAY_MS);
  const notAfterDate = new Date(notBeforeDate.getTime() + LIFETIME_MS);
  const script = new URL(`./self-signed.worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(script, {
    name: 'certificate',
    workerData: { notBeforeDate, notAfterDate, names } satisfies CertificateRequest,
  });
  try {
    const [made] = await once(worker, 'message', { signal: AbortSignal.timeout(MAKE_LIMIT_MS) });
    return made as SelfSigned;
  } finally {
    await worker.terminate();
  }
}

/** Reads a file of PEM. Never waits, as for the writer of a FIFO. */
function readPem(path: string): string {
  try {
    const found = readRegularFile(path, MOST_PEM_BYTES);
    if (found.kind === 'text') return found.text;
    const fault =
      found.kind === 'too-large' ? `is larger than ${MOST_PEM_BYTES} bytes` : 'is not a regular file';
    throw new Error(`it ${fault}`);
  } catch (cause) {
    throw new HttpStartError('HTTP_CERT_UNREADABLE', `cannot read ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function checkPair(pair: Certificate, certPath: string, keyPath: string): { readonly notAfter: Date } {
  const certificate = parsed(certPath, 'certificate', () => new X509Certificate(pair.cert));
  const key = parsed(keyPath, 'private key', () => createPrivateKey(pair.key));
  if (!certificate.checkPrivateKey(key)) {
    throw new HttpStartError(
      'HTTP_CERT_MISMATCH',
      `the key in ${keyPath} does not belong to the certificate in ${certPath}`,
    );
  }
  return { notAfter: certificate.validToDate };
}

function parsed<T>(path: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new HttpStartError(
      'HTTP_CERT_INVALID',
      `${path} has no ${what} in PEM that can be used without a passphrase`,
      { cause },
    );
  }
}
