import { readdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import { openFilesLimits } from '../../common/open-files-limits.ts';

/**
 * Descriptors that connections leave free, for files, threads, pipes and the connections to the X server. A larger
 * number takes fewer connections; with a smaller one, other parts of the server fail during a flood.
 */
const RESERVED = 64;
/** The same as a part of all descriptors, where there are few. */
const MOST_RESERVED_PART = 1 / 4;
/**
 * Time between two counts of the open descriptors, in milliseconds. A count takes 0.3 ms of a thread for 1,000
 * descriptors. A smaller value reports a shortage that connections did not cause sooner.
 */
const COUNT_EACH_MS = 5000;
/** The same during a shortage. A smaller value reports its end sooner. */
const COUNT_EACH_SHORT_MS = 500;

interface DescriptorsOptions {
  readonly log: Logger;
  /** Descriptors that this process may have open. Default: what the system says. */
  readonly limit?: number;
}

/**
 * File descriptors of this process. Says which connections take one that is reserved for the rest of the server, and
 * logs when a shortage begins and ends. Without that, the C library of Node.js closes new connections unseen once no
 * descriptor is left, and every file that the server would open fails.
 */
export class Descriptors {
  readonly #log: Logger;
  readonly #given: number | undefined;
  #limit: number;
  #isShort = false;
  #refused = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor({ log, limit }: DescriptorsOptions) {
    this.#log = log;
    this.#given = limit;
    this.#limit = limit ?? descriptorLimit() ?? Number.POSITIVE_INFINITY;
    this.#schedule();
  }

  get #reserved(): number {
    return Math.min(RESERVED, Math.floor(this.#limit * MOST_RESERVED_PART));
  }

  /** First descriptor that is reserved: the kernel always gives the lowest free one. */
  get #firstReserved(): number {
    return this.#limit - this.#reserved;
  }

  /** Whether a new connection, which has this descriptor, must be closed. Undefined: its descriptor is not known. */
  refuses(descriptor: number | undefined): boolean {
    const isReserved = descriptor === undefined ? this.#isShort : descriptor >= this.#firstReserved;
    if (!isReserved) return false;
    this.#refused++;
    if (!this.#isShort) {
      this.#begin();
      this.#schedule();
    }
    return true;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed || this.#limit === Number.POSITIVE_INFINITY) return;
    const afterMs = this.#isShort ? COUNT_EACH_SHORT_MS : COUNT_EACH_MS;
    this.#timer = setTimeout(() => void this.#look(), afterMs).unref();
  }

  /** Ends a shortage only when twice the reserve is free, so that one connection more or less is not logged. */
  async #look(): Promise<void> {
    const used = await countOpen();
    if (this.#isClosed) return;
    // It can be set from outside, as prlimit(1) does.
    this.#limit = this.#given ?? descriptorLimit() ?? this.#limit;
    if (!this.#isShort && used > this.#firstReserved) this.#begin();
    else if (this.#isShort && used <= this.#firstReserved - this.#reserved) this.#end();
    this.#schedule();
  }

  #begin(): void {
    this.#isShort = true;
    const code = 'HTTP_DESCRIPTORS_SHORT';
    const text =
      'File descriptors run out. New connections are refused, and open ones go on. Raise ulimit -n.';
    this.#log.error({ code, limit: this.#limit }, text);
  }

  #end(): void {
    this.#isShort = false;
    const refused = this.#refused;
    this.#refused = 0;
    this.#log.warn({ refused }, 'There are free file descriptors again. New connections are let in.');
  }
}

/** Reads how many descriptors this process may have open. Undefined if none is left to read it with. */
function descriptorLimit(): number | undefined {
  try {
    return openFilesLimits().soft;
  } catch {
    return undefined;
  }
}

/** Counts the open descriptors of this process. Infinity if none is left to count them with. */
async function countOpen(): Promise<number> {
  try {
    return (await readdir('/proc/self/fd')).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
