import type { Property, XEvent } from 'x11';
import type { XConnection } from '../wire/connection.ts';
import type { SelectionAtoms } from './selection-atoms.ts';

const PROPERTY_NOTIFY = 28;
const SELECTION_NOTIFY = 31;
const NEW_VALUE = 0;
const ANY_TYPE = 0;
const NO_PROPERTY = 0;
const CURRENT_TIME = 0;

/** In 4-byte units; GetProperty gives less where there is less. */
const WHOLE_PROPERTY = 0x3fff_ffff;

/** An owner that says nothing for this long will say nothing more. */
const ANSWER_TIMEOUT_MS = 5000;

/** A text larger than this is not a text that somebody wants to paste in a browser. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Reads one selection's text from the program that owns it; one reading at a time, the newest counts. */
export class SelectionReader {
  readonly #x: XConnection;
  readonly #atoms: SelectionAtoms;
  readonly #window: number;
  readonly #selection: number;
  /** Where owners put their answers; one for each selection, so that two readings don't meet. */
  readonly #property: number;
  readonly #onText: (text: string) => void;
  #target = 0;
  /** The pieces so far, while an owner sends in pieces (INCR). */
  #pieces: Buffer[] | undefined;
  #timeout: NodeJS.Timeout | undefined;

  constructor(
    x: XConnection,
    atoms: SelectionAtoms,
    window: number,
    selection: number,
    property: number,
    onText: (text: string) => void,
  ) {
    this.#x = x;
    this.#atoms = atoms;
    this.#window = window;
    this.#selection = selection;
    this.#property = property;
    this.#onText = onText;
    x.onEvent((event) => this.#heard(event));
  }

  read(): void {
    this.#ask(this.#atoms.utf8);
  }

  close(): void {
    clearTimeout(this.#timeout);
    this.#target = 0;
    this.#pieces = undefined;
  }

  #ask(target: number): void {
    this.#target = target;
    this.#pieces = undefined;
    this.#watch();
    this.#x.client.ConvertSelection(this.#window, this.#selection, target, this.#property, CURRENT_TIME);
  }

  #watch(): void {
    clearTimeout(this.#timeout);
    this.#timeout = setTimeout(() => this.close(), ANSWER_TIMEOUT_MS).unref();
  }

  #heard(event: XEvent): void {
    if (this.#target === 0) return;
    if (event.type === SELECTION_NOTIFY) {
      if (event.requestor !== this.#window || event.selection !== this.#selection) return;
      if (event.target !== this.#target) return;
      if (event.property !== NO_PROPERTY) this.#take(false);
      // Very old programs have Latin-1 only.
      else if (this.#target === this.#atoms.utf8) this.#ask(this.#atoms.string);
      else this.close();
    } else if (event.type === PROPERTY_NOTIFY && this.#pieces) {
      const isOurs = event.wid === this.#window && event.atom === this.#property && event.state === NEW_VALUE;
      if (isOurs) this.#take(true);
    }
  }

  /** Reading deletes the property, which asks the owner for the next piece where it sends in pieces. */
  #take(isPiece: boolean): void {
    const pieces = this.#pieces;
    this.#x
      .request<Property>((client, done) =>
        client.GetProperty(
          1,
          this.#window,
          this.#property,
          ANY_TYPE,
          0,
          WHOLE_PROPERTY,
          (error, property) => {
            // Here and not after the promise: the next piece's event may come in the same packet as this reply.
            // And meanwhile another reading may have begun.
            if (!error && this.#target !== 0 && pieces === this.#pieces) this.#taken(property, isPiece);
            return done(error, property);
          },
        ),
      )
      // A connection that ends meanwhile is noticed by whoever owns it.
      .catch(() => this.close());
  }

  #taken({ type, data }: Property, isPiece: boolean): void {
    if (isPiece) {
      this.#addPiece(data);
    } else if (type === this.#atoms.incr) {
      this.#pieces = [];
      this.#watch();
    } else {
      this.#finish(type, data);
    }
  }

  #addPiece(data: Buffer): void {
    const pieces = this.#pieces!;
    if (data.length === 0) {
      this.#finish(this.#target, Buffer.concat(pieces));
      return;
    }
    pieces.push(data);
    if (pieces.reduce((sum, piece) => sum + piece.length, 0) > MOST_BYTES) this.close();
    else this.#watch();
  }

  #finish(type: number, bytes: Buffer): void {
    const { utf8, string } = this.#atoms;
    this.close();
    // Some owners answer any question with whatever they have, such as a picture.
    if ((type !== utf8 && type !== string) || bytes.length > MOST_BYTES) return;
    this.#onText(bytes.toString(type === string ? 'latin1' : 'utf8'));
  }
}
