import { stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import { fileVersion } from '../../common/file-version.ts';
import { type Certificate, checkGiven, type PairPaths, readPair } from './certificate.ts';

/**
 * Milliseconds between two looks at the files that the user gave. A new pair is served after the second look that finds
 * it. A larger value serves it later; a smaller one takes more of an idle processor, and gives a program that writes
 * several files less time.
 */
const LOOK_MS = 5_000;

export interface CertificateReloadOptions {
  readonly files: PairPaths;
  /** The certificate that is served now. */
  readonly current: Certificate;
  /** Called with the certificate to serve from now on. If it throws, the former one is kept. */
  readonly onRenewed: (certificate: Certificate) => void;
  readonly log: Logger;
  /** LOOK_MS if left out. */
  readonly lookMs?: number;
  /** How the files are read, so that tests can count it. `readPair` if left out. */
  readonly read?: typeof readPair;
}

/**
 * Looks after which files with the same times are not read again. A file can change twice within the resolution of its
 * times, which is some milliseconds; the second look comes later than that.
 */
const LOOKS_WITH_SAME_TIMES = 2;

/** What the last look has found, if it was not the pair that is served. */
type Found =
  | { readonly kind: 'pair'; readonly pair: Certificate }
  | { readonly kind: 'error'; readonly message: string; readonly error: unknown };

/**
 * Reads the certificate that the user gave again when its files change: written in place, replaced by a rename or behind
 * a link. A pair is served when two looks in a row have found the same bytes and the key belongs to the certificate, so
 * that no half of an update is: programs write two files, a chain in several parts, or one link after the other.
 */
export class CertificateReload {
  readonly #options: CertificateReloadOptions;
  readonly #timer: NodeJS.Timeout;
  #current: Certificate;
  #last: Found | undefined;
  /** Version of the files that was read last, and the looks that have read it. */
  #version = '';
  #readings = 0;
  /** What was found and cannot be served, so that it is logged once. */
  #reported: Found | undefined;
  #looking: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: CertificateReloadOptions) {
    this.#options = options;
    this.#current = options.current;
    this.#timer = setInterval(() => void this.look(), options.lookMs ?? LOOK_MS).unref();
  }

  /** Looks now, in addition to the regular looks. Never rejects. Logs errors. */
  look(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Resolves when no look is in progress. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const found = await this.#find();
    if (this.#isClosed) return;
    const before = this.#last;
    this.#last = found;
    if (found === undefined) this.#reported = undefined;
    else if (before !== undefined && isSame(before, found)) this.#use(found);
  }

  /** Returns undefined if the files have the pair that is served. Reads them only if their times tell of a change. */
  async #find(): Promise<Found | undefined> {
    const { files, read = readPair } = this.#options;
    try {
      const version = await this.#versionNow();
      if (version !== this.#version) this.#readings = 0;
      this.#version = version;
      if (this.#readings >= LOOKS_WITH_SAME_TIMES) return this.#last;
      this.#readings++;
      const pair = read(files);
      return isEqual(pair, this.#current) ? undefined : { kind: 'pair', pair };
    } catch (error) {
      return { kind: 'error', message: String(error), error };
    }
  }

  async #versionNow(): Promise<string> {
    const { cert, key } = this.#options.files;
    try {
      // One after the other, so that the same file is named each time if both are missing.
      const certVersion = fileVersion(await stat(cert, { bigint: true }));
      return `${certVersion},${fileVersion(await stat(key, { bigint: true }))}`;
    } catch (error) {
      // A file that comes back may have the times that it had.
      this.#version = '';
      throw error;
    }
  }

  #use(found: Found): void {
    if (this.#reported !== undefined && isSame(this.#reported, found)) return;
    const { files, log, onRenewed } = this.#options;
    try {
      if (found.kind === 'error') throw found.error;
      checkGiven(found.pair, files, { log });
      onRenewed(found.pair);
      this.#current = found.pair;
      this.#last = undefined;
      this.#reported = undefined;
      log.info({ cert: files.cert }, 'The files of the certificate have changed. The new one is served');
    } catch (err) {
      this.#reported = found;
      const message =
        'The files of the certificate have changed, and cannot be used. The former one is served';
      log.warn({ err, ...files }, message);
    }
  }
}

const isEqual = (a: Certificate, b: Certificate): boolean => a.cert === b.cert && a.key === b.key;

function isSame(a: Found, b: Found): boolean {
  if (a.kind === 'pair') return b.kind === 'pair' && isEqual(a.pair, b.pair);
  return b.kind === 'error' && a.message === b.message;
}
