import type { Logger } from 'pino';
import { type FreeMemory, readFreeMemory } from '../../common/free-memory.ts';
import { giveBackMemory } from '../../common/process-memory.ts';

/**
 * Free memory, in bytes, below which new connections are refused: room for what those that are open may still take,
 * such as a picture for each of eight viewers. A larger value refuses callers sooner; with a smaller one, the system
 * may end the server or a program of the desktop.
 */
const RESERVE_BYTES = 64 * 1024 * 1024;
/** The same as a part of the limit, where that is small. */
const MOST_RESERVED_PART = 1 / 8;
/** Free memory at which a shortage ends, in reserves. A smaller factor lets it begin again at once. */
const ENDS_AT_RESERVES = 1.5;
/**
 * Least time between two looks, in milliseconds. A look takes 0.5 ms and some 20 small files. Smaller finds a shortage
 * sooner during a flood of connections.
 */
const LOOK_EACH_MS = 250;
/** Time between two looks during a shortage, in milliseconds. A smaller value reports its end sooner. */
const LOOK_EACH_SHORT_MS = 1000;
/** Least time between two tries to give memory back, in milliseconds: each may stop the server for 0.1 s. */
const GIVE_BACK_EACH_MS = 10_000;

interface MemoryShortageOptions {
  readonly log: Logger;
  /** Bytes that this process may have resident, by the settings. Undefined: no such limit. */
  readonly maxBytes: number | undefined;
  /** Reads what the system still has for this process. */
  readonly read?: () => Promise<FreeMemory[]>;
  /** Default: `performance.now`. */
  readonly nowMs?: () => number;
}

/**
 * Watches how much memory is left, and logs when a shortage begins and ends. Without that, the system ends the process
 * that has most when the memory of a container is used up: this server, and with it all viewers, or a program of the
 * desktop. Looks only when a connection comes, and regularly during a shortage.
 */
export class MemoryShortage {
  readonly #options: MemoryShortageOptions;
  readonly #nowMs: () => number;
  #isShort = false;
  #looking: Promise<void> | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #gaveBackAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: MemoryShortageOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Whether new connections and viewers are to be refused. */
  get isShort(): boolean {
    return this.#isShort;
  }

  /** Looks, if the last look was a while ago. Resolves when the result is known. Never rejects. */
  look(): Promise<void> {
    const nowMs = this.#nowMs();
    if (this.#looking === undefined && !this.#isClosed && nowMs - this.#lookedAtMs >= LOOK_EACH_MS) {
      this.#lookedAtMs = nowMs;
      this.#looking = this.#look().finally(() => {
        this.#looking = undefined;
      });
    }
    return this.#looking ?? Promise.resolve();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const enough = this.#isShort ? ENDS_AT_RESERVES : 1;
    let scarce = await this.#findScarce(enough);
    if (scarce !== undefined && this.#giveBack()) scarce = await this.#findScarce(enough);
    if (this.#isClosed) return;
    if (!this.#isShort && scarce !== undefined) this.#begin(scarce);
    else if (this.#isShort && scarce === undefined) this.#end();
    clearTimeout(this.#timer);
    if (this.#isShort) this.#timer = setTimeout(() => void this.look(), LOOK_EACH_SHORT_MS).unref();
  }

  /** Finds a limit below which fewer reserves are free. */
  async #findScarce(reserves: number): Promise<FreeMemory | undefined> {
    const { maxBytes, read = readFreeMemory } = this.#options;
    const memories = await read();
    if (maxBytes !== undefined)
      memories.push({ freeBytes: maxBytes - process.memoryUsage.rss(), limitBytes: maxBytes });
    return memories.find(
      ({ freeBytes, limitBytes }) =>
        freeBytes < reserves * Math.min(RESERVE_BYTES, limitBytes * MOST_RESERVED_PART),
    );
  }

  /** Gives back what V8 and malloc hold without need. Returns false if that was tried a moment ago. */
  #giveBack(): boolean {
    const nowMs = this.#nowMs();
    if (nowMs - this.#gaveBackAtMs < GIVE_BACK_EACH_MS) return false;
    this.#gaveBackAtMs = nowMs;
    giveBackMemory();
    return true;
  }

  #begin({ freeBytes, limitBytes }: FreeMemory): void {
    this.#isShort = true;
    const code = 'HTTP_MEMORY_SHORT';
    const text =
      'Memory runs out. New connections are refused, and open ones go on. Raise its limit, or end programs of the desktop.';
    this.#options.log.error({ code, freeBytes, limitBytes }, text);
  }

  #end(): void {
    this.#isShort = false;
    this.#options.log.warn('There is enough memory again. New connections are let in.');
  }
}
