import type { XConnection } from '../wire/connection.ts';
import type { SelectionAtoms } from './selection-atoms.ts';
import { type SelectionContent, SelectionReading } from './selection-reading.ts';

const INPUT_ONLY = 2;
const PROPERTY_CHANGE_MASK = 1 << 22;

/**
 * Windows that take turns. A window of an abandoned reading stays until its turn comes again, because a program that
 * is still writing to it may not survive its end. A larger value lets slower programs finish; each window may hold
 * one piece of a content in the X server.
 */
const WINDOWS = 8;

/**
 * Milliseconds from a claim of a selection to reading it. Programs claim PRIMARY again with every letter that the mouse
 * marks, and many programs claim both selections. A larger value delays copies; a smaller one reads unfinished ones.
 */
const CLAIM_SETTLES_MS = 60;

/**
 * Longest pause between two readings in milliseconds. A larger value delays the next copy after one of a program that
 * hangs; with a smaller one, a program that claims the selection without pause with a large content takes more time.
 */
const MOST_PAUSE_MS = 1000;

/** Reads one selection whenever a program has claimed it. A newer claim ends the reading of an older one. */
export class SelectionReader {
  readonly #x: XConnection;
  readonly #atoms: SelectionAtoms;
  readonly #selection: number;
  readonly #onContent: (content: SelectionContent | undefined) => void;
  readonly #windows: number[] = [];
  #turn = 0;
  #reading: SelectionReading | undefined;
  #settling: NodeJS.Timeout | undefined;
  /** Time that the last reading took, in milliseconds. */
  #lastTookMs = 0;

  /** `onContent` is called after each claim, with undefined if nothing can be read. */
  constructor(
    x: XConnection,
    atoms: SelectionAtoms,
    selection: number,
    onContent: (content: SelectionContent | undefined) => void,
  ) {
    this.#x = x;
    this.#atoms = atoms;
    this.#selection = selection;
    this.#onContent = onContent;
    x.onEvent((event) => this.#reading?.heard(event));
  }

  /** A program has claimed the selection. */
  claimed(): void {
    this.close();
    // Readings of up to MOST_PAUSE_MS take at most half of the time, however often a program claims the selection.
    const waitMs = Math.max(CLAIM_SETTLES_MS, Math.min(this.#lastTookMs, MOST_PAUSE_MS));
    this.#settling = setTimeout(() => void this.#read(), waitMs).unref();
  }

  /** Ends what is under way. */
  close(): void {
    clearTimeout(this.#settling);
    this.#reading?.abort();
    this.#reading = undefined;
  }

  async #read(): Promise<void> {
    if (!this.#x.isOpen) return;
    const reading = new SelectionReading(this.#x, this.#atoms, this.#selection, this.#freshWindow());
    this.#reading = reading;
    const sinceMs = performance.now();
    const content = await reading.read().catch(() => undefined);
    this.#lastTookMs = performance.now() - sinceMs;
    if (this.#reading !== reading) return;
    this.#reading = undefined;
    this.#onContent(content);
  }

  #freshWindow(): number {
    const { client, root } = this.#x;
    const at = this.#turn++ % WINDOWS;
    const used = this.#windows[at];
    if (used !== undefined) client.DestroyWindow(used);
    const window = used ?? client.AllocID();
    this.#windows[at] = window;
    client.CreateWindow(window, root, 0, 0, 1, 1, 0, 0, INPUT_ONLY, 0, { eventMask: PROPERTY_CHANGE_MASK });
    return window;
  }
}
