import { isUtf8 } from 'node:buffer';
import type { Property, XEvent } from 'x11';
import { type ClipboardContent, type ClipboardFormat, isPng } from '../../../protocol/clipboard-content.ts';
import type { XConnection } from '../wire/connection.ts';
import { BytesCollector } from './bytes-collector.ts';
import { utf8FromLatin1, utf8OfHtml, withoutFinalZero } from './foreign-text.ts';
import { tellsOfClipboard } from './primary-rules.ts';
import type { SelectionAtoms } from './selection-atoms.ts';

const PROPERTY_NOTIFY = 28;
const SELECTION_NOTIFY = 31;
const NEW_VALUE = 0;
const ANY_TYPE = 0;
const NO_PROPERTY = 0;
const CURRENT_TIME = 0;

/**
 * Bytes of the largest content, in all its forms together, that is read from a program. Text is read first. A larger
 * value holds more memory for each selection; a smaller one loses large copies.
 */
export const MAX_CONTENT_BYTES = 16 * 1024 * 1024;

/** Bytes read in one step: less than 1 ms of the main thread. Smaller steps cost more round trips. */
const STEP_BYTES = 256 * 1024;

/** Targets that are looked at. LibreOffice offers 30; a larger value takes longer for a program that offers any number. */
const MOST_TARGETS = 1024;

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

/** What a program offers in a selection. */
export interface SelectionContent {
  readonly content: ClipboardContent;
  /** Forms that the program has, and that were too large. */
  readonly tooLarge: readonly ClipboardFormat[];
  /** Whether the program has a CLIPBOARD, whichever selection this is. */
  readonly hasClipboard: boolean;
}

/** Why a reading ends early; its message is for debugging. */
class ReadingError extends Error {}

/** An answer of the owner in one form. */
interface Answer {
  readonly type: number;
  /** Undefined if it was too large. */
  readonly bytes: Buffer | undefined;
}

/**
 * One reading of a selection from the program that owns it (ICCCM 2.4): what it offers, then each form that viewers can
 * use, in pieces if the owner wants that (INCR). It has a window of its own, so that an owner of an earlier reading
 * can't write into this one.
 */
export class SelectionReading {
  readonly #x: XConnection;
  readonly #atoms: SelectionAtoms;
  readonly #selection: number;
  readonly #window: number;
  #roomBytes = MAX_CONTENT_BYTES;
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

  /** Ends the reading without a content. */
  abort(): void {
    this.#abort(new ReadingError('superseded'));
  }

  /** Resolves with what the owner offers, or undefined if that is nothing, or it is too slow. To be called once. */
  async read(): Promise<SelectionContent | undefined> {
    const limit = setTimeout(() => this.#abort(new ReadingError('too slow')), READING_TIMEOUT_MS).unref();
    try {
      const targets = await this.#readTargets();
      const content = new Map<ClipboardFormat, Uint8Array>();
      const tooLarge: ClipboardFormat[] = [];
      for (const format of this.#formatsToRead(targets)) {
        const answer = await this.#readFormat(format, targets).catch((error: unknown) => {
          // What has been read so far is worth having.
          if (content.size > 0 && error instanceof ReadingError) return undefined;
          throw error;
        });
        if (answer === 'too large') tooLarge.push(format);
        else if (answer) content.set(format, answer);
      }
      if (content.size === 0 && tooLarge.length === 0) return undefined;
      return { content, tooLarge, hasClipboard: tellsOfClipboard(targets ?? [], this.#atoms) };
    } catch (error) {
      // The owner of the connection notices its end.
      if (error instanceof ReadingError || !this.#x.isOpen) return undefined;
      throw error;
    } finally {
      clearTimeout(limit);
      this.#awaited = undefined;
    }
  }

  /** Undefined if the owner does not say: very old programs, and those that answer each request with what they have. */
  async #readTargets(): Promise<readonly number[] | undefined> {
    const { targets, atom } = this.#atoms;
    const answer = await this.#convert(targets, MOST_TARGETS * 4);
    if (!answer?.bytes || (answer.type !== atom && answer.type !== targets)) return undefined;
    const { bytes } = answer;
    return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readUInt32LE(i * 4));
  }

  /** Of marked content only the text is of use. */
  #formatsToRead(targets: readonly number[] | undefined): ClipboardFormat[] {
    const { html, png, primary } = this.#atoms;
    if (!targets || this.#selection === primary) return ['text'];
    return [
      'text',
      ...(targets.includes(html) ? ['html' as const] : []),
      ...(targets.includes(png) ? ['png' as const] : []),
    ];
  }

  async #readFormat(
    format: ClipboardFormat,
    targets: readonly number[] | undefined,
  ): Promise<Uint8Array | 'too large' | undefined> {
    const { html, png } = this.#atoms;
    if (format === 'text') return this.#readText(targets);
    const answer = await this.#convert(format === 'html' ? html : png, this.#roomBytes);
    if (!answer) return undefined;
    if (!answer.bytes) return 'too large';
    if (format === 'png') return isPng(answer.bytes) ? this.#taken(answer.bytes) : undefined;
    return this.#taken(utf8OfHtml(answer.bytes));
  }

  async #readText(targets: readonly number[] | undefined): Promise<Uint8Array | 'too large' | undefined> {
    const { utf8, plainUtf8, plainUtf8Upper, string, plain, text } = this.#atoms;
    // Very old programs have Latin-1 only. Scripts may offer a MIME type alone.
    const known = [utf8, plainUtf8, plainUtf8Upper, string, plain, text];
    // Some programs do not say what they have.
    const wanted = targets ? known.filter((target) => targets.includes(target)) : [utf8, string];
    for (const target of wanted) {
      const answer = await this.#convert(target, this.#roomBytes);
      if (!answer) continue;
      // Some owners answer every request with what they have, such as a picture.
      if (!known.includes(answer.type)) return undefined;
      if (!answer.bytes) return 'too large';
      const isUnnamed = answer.type === plain || answer.type === text;
      const isLatin1 = answer.type === string || (isUnnamed && !isUtf8(answer.bytes));
      return this.#taken(withoutFinalZero(isLatin1 ? utf8FromLatin1(answer.bytes) : answer.bytes));
    }
    return undefined;
  }

  /** UTF-8 may need more bytes than what the owner sent. */
  #taken(bytes: Uint8Array): Uint8Array | 'too large' {
    if (bytes.length > this.#roomBytes) return 'too large';
    this.#roomBytes -= bytes.length;
    return bytes;
  }

  /** Reads the selection in one form, up to a size. Undefined if the owner refuses. */
  async #convert(target: number, mostBytes: number): Promise<Answer | undefined> {
    const answer = await this.#next(
      ({ type, requestor, ...event }) =>
        type === SELECTION_NOTIFY && requestor === this.#window && event.target === target,
      () =>
        this.#x.client.ConvertSelection(this.#window, this.#selection, target, this.#selection, CURRENT_TIME),
    );
    if (answer.property === NO_PROPERTY) return undefined;
    const first = await this.#property(0);
    if (first.type === this.#atoms.incr) return { type: target, bytes: await this.#readPieces(mostBytes) };
    const bytes = new BytesCollector(mostBytes);
    await this.#readProperty(first, bytes);
    this.#deleteProperty();
    return { type: first.type, bytes: bytes.end() };
  }

  /**
   * Deleting the property asks the owner for its next piece. An empty piece is the end (ICCCM 2.7.2). A content that is
   * too large is taken to its end, because some owners, such as xclip, serve no other program before that.
   */
  async #readPieces(mostBytes: number): Promise<Buffer | undefined> {
    const bytes = new BytesCollector(mostBytes);
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
        return bytes.end();
      }
      await this.#readProperty(piece, bytes);
    }
  }

  /** Reads the rest of a property whose beginning is `first`, step by step, as far as `bytes` has room. */
  async #readProperty(first: Property, bytes: BytesCollector): Promise<void> {
    let step = first;
    let offset = 0;
    while (bytes.add(step.data, step.bytesAfter)) {
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
