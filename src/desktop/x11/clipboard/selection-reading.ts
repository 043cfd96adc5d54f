import { createHash } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import type { Property, XEvent } from 'x11';
import type { XConnection } from '../wire/connection.ts';
import type { SelectionAtoms } from './selection-atoms.ts';

const PROPERTY_NOTIFY = 28;
const SELECTION_NOTIFY = 31;
const NEW_VALUE = 0;
const ANY_TYPE = 0;
const NO_PROPERTY = 0;
const CURRENT_TIME = 0;

/**
 * Bytes of the longest text that is read from a program. Viewers are told nothing of a longer one. A larger value holds
 * more memory, for each selection and in each viewer's connection; a smaller one loses large copies.
 */
export const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** Bytes read and decoded in one step: less than 1 ms of the main thread. Smaller steps cost more round trips. */
const STEP_BYTES = 256 * 1024;

/**
 * Milliseconds that an owner may take for its answer, or for the next piece of it. A larger value waits longer for a
 * program that hangs; a smaller one loses texts on a busy machine.
 */
const ANSWER_TIMEOUT_MS = 5000;

/**
 * Milliseconds that a whole reading may take, so that an owner that sends pieces for ever is left. 16 MiB in pieces of
 * 64 KiB take less than a second on an idle machine.
 */
export const READING_TIMEOUT_MS = 30_000;

/** A text, and a digest of its bytes: cheaper to compare than the text. */
export interface SelectionText {
  readonly text: string;
  readonly digest: string;
}

/** Why a reading ends without a text; its message is for debugging. */
class ReadingError extends Error {}

/**
 * One reading of a selection's text from the program that owns it (ICCCM 2.4), in pieces if the owner wants that
 * (INCR). It has a window of its own, so that an owner of an earlier reading can't write into this one.
 */
export class SelectionReading {
  readonly #x: XConnection;
  readonly #atoms: SelectionAtoms;
  readonly #selection: number;
  readonly #window: number;
  /** The event that the reading waits for. */
  #awaited:
    | { readonly isIt: (event: XEvent) => boolean; readonly resolve: (event: XEvent) => void }
    | undefined;
  #abort: (reason: Error) => void = () => undefined;
  readonly #aborted: Promise<never>;

  /** `window` is the caller's, and selects PropertyChange events. */
  constructor(x: XConnection, atoms: SelectionAtoms, selection: number, window: number) {
    this.#x = x;
    this.#atoms = atoms;
    this.#selection = selection;
    this.#window = window;
    this.#aborted = new Promise((_, reject) => {
      this.#abort = reject;
    });
    this.#aborted.catch(() => undefined);
  }

  /** Takes every event of the connection. */
  heard(event: XEvent): void {
    if (!this.#awaited?.isIt(event)) return;
    this.#awaited.resolve(event);
    this.#awaited = undefined;
  }

  /** Ends the reading without a text. */
  abort(): void {
    this.#abort(new ReadingError('superseded'));
  }

  /** Resolves with the text, or undefined if the owner has none, is too slow or has too much. To be called once. */
  async read(): Promise<SelectionText | undefined> {
    const limit = setTimeout(() => this.#abort(new ReadingError('too slow')), READING_TIMEOUT_MS).unref();
    try {
      const { utf8, string } = this.#atoms;
      // Very old programs have Latin-1 only.
      return (await this.#convert(utf8)) ?? (await this.#convert(string));
    } catch (error) {
      // The owner of the connection notices its end.
      if (error instanceof ReadingError || !this.#x.isOpen) return undefined;
      throw error;
    } finally {
      clearTimeout(limit);
      this.#awaited = undefined;
    }
  }

  async #convert(target: number): Promise<SelectionText | undefined> {
    const answer = await this.#next(
      ({ type, requestor, ...event }) =>
        type === SELECTION_NOTIFY && requestor === this.#window && event.target === target,
      () =>
        this.#x.client.ConvertSelection(this.#window, this.#selection, target, this.#selection, CURRENT_TIME),
    );
    if (answer.property === NO_PROPERTY) return undefined;
    const first = await this.#property(0);
    if (first.type === this.#atoms.incr) return this.#readPieces(target);
    // Some owners answer every request with what they have, such as a picture.
    if (first.type !== this.#atoms.utf8 && first.type !== this.#atoms.string) {
      this.#deleteProperty();
      throw new ReadingError('no text');
    }
    const text = new TextCollector(first.type === this.#atoms.string ? 'latin1' : 'utf8');
    await this.#readProperty(first, text);
    this.#deleteProperty();
    return text.end();
  }

  /**
   * Deleting the property asks the owner for its next piece. An empty piece is the end (ICCCM 2.7.2). A text that is
   * too large is taken to its end, because some owners, such as xclip, serve no other program before that.
   */
  async #readPieces(type: number): Promise<SelectionText> {
    const text = new TextCollector(type === this.#atoms.string ? 'latin1' : 'utf8');
    for (;;) {
      await this.#next(
        ({ type: eventType, wid, atom, state }) =>
          eventType === PROPERTY_NOTIFY &&
          wid === this.#window &&
          atom === this.#selection &&
          state === NEW_VALUE,
        () => this.#deleteProperty(),
      );
      const piece = await this.#property(0);
      if (piece.data.length === 0) {
        this.#deleteProperty();
        return text.end();
      }
      await this.#readProperty(piece, text);
    }
  }

  /** Reads the rest of a property whose beginning is `first`, step by step, as far as `text` has room. */
  async #readProperty(first: Property, text: TextCollector): Promise<void> {
    let step = first;
    let offset = 0;
    while (text.add(step.data, step.bytesAfter)) {
      offset += step.data.length;
      if (step.bytesAfter === 0 || step.data.length === 0) return;
      step = await this.#property(offset);
    }
  }

  #property(offset: number): Promise<Property> {
    // In units of 4 bytes.
    const request = this.#x.request<Property>((client, done) =>
      client.GetProperty(0, this.#window, this.#selection, ANY_TYPE, offset / 4, STEP_BYTES / 4, done),
    );
    return Promise.race([request, this.#aborted]);
  }

  #deleteProperty(): void {
    if (this.#x.isOpen) this.#x.client.DeleteProperty(this.#window, this.#selection);
  }

  /** Does something, and resolves with the event that it leads to. */
  async #next(isIt: (event: XEvent) => boolean, act: () => void): Promise<XEvent> {
    let limit: NodeJS.Timeout | undefined;
    const event = new Promise<XEvent>((resolve, reject) => {
      this.#awaited = { isIt, resolve };
      limit = setTimeout(() => reject(new ReadingError('no answer')), ANSWER_TIMEOUT_MS).unref();
    });
    try {
      act();
      return await Promise.race([event, this.#aborted]);
    } finally {
      clearTimeout(limit);
    }
  }
}

/** Decodes a text as its bytes arrive. */
class TextCollector {
  readonly #decoder: StringDecoder;
  readonly #hash = createHash('sha1');
  #bytes = 0;
  #text = '';

  constructor(encoding: 'utf8' | 'latin1') {
    this.#decoder = new StringDecoder(encoding);
  }

  /** False if the text is too large with what follows in the same property; nothing of it is kept then. */
  add(data: Buffer, bytesAfter: number): boolean {
    this.#bytes += data.length;
    if (this.#bytes + bytesAfter > MAX_TEXT_BYTES) {
      this.#bytes = Number.POSITIVE_INFINITY;
      this.#text = '';
      return false;
    }
    this.#hash.update(data);
    this.#text += this.#decoder.write(data);
    return true;
  }

  end(): SelectionText {
    if (this.#bytes > MAX_TEXT_BYTES) throw new ReadingError('too large');
    return { text: this.#text + this.#decoder.end(), digest: this.#hash.digest('base64') };
  }
}
