import type { XEvent } from 'x11';
import type { XConnection } from '../wire/connection.ts';
import type { SelectionAtoms } from './selection-atoms.ts';

const PROPERTY_NOTIFY = 28;
const DESTROY_NOTIFY = 17;
const SELECTION_CLEAR = 29;
const SELECTION_REQUEST = 30;

const STRUCTURE_NOTIFY_MASK = 1 << 17;
const PROPERTY_CHANGE_MASK = 1 << 22;

const REPLACE = 0;
const DELETED = 1;
const CURRENT_TIME = 0;
const NOBODY = 0;
const NO_PROPERTY = 0;

/**
 * Bytes of a property written at once; more goes in pieces (INCR, ICCCM 2.7.2). A request holds 262 116 of them,
 * and smaller pieces cost a round trip each.
 */
const PIECE_BYTES = 128 * 1024;

/** A program that has not taken its next piece after this long will not. */
const PIECE_TIMEOUT_MS = 10_000;

/** A text under way to a program, piece by piece. */
interface Transfer {
  readonly requestor: number;
  readonly property: number;
  readonly type: number;
  rest: Buffer;
  timeout: NodeJS.Timeout;
}

/** Owns the selections on behalf of the viewers and hands their text to programs that ask (ICCCM 2.2). */
export class SelectionSource {
  readonly #x: XConnection;
  readonly #atoms: SelectionAtoms;
  readonly #window: number;
  readonly #transfers = new Set<Transfer>();
  readonly #owned = new Map<number, { readonly text: string; time: number }>();

  constructor(x: XConnection, atoms: SelectionAtoms, window: number) {
    this.#x = x;
    this.#atoms = atoms;
    this.#window = window;
    x.onEvent((event) => {
      switch (event.type) {
        case SELECTION_REQUEST:
          return this.#requested(event);
        case SELECTION_CLEAR:
          this.#owned.delete(event.selection as number);
          return;
        case PROPERTY_NOTIFY:
          if (event.state === DELETED) this.#pieceTaken(event.wid as number, event.atom as number);
          return;
        case DESTROY_NOTIFY:
          for (const transfer of this.#transfers)
            if (transfer.requestor === event.wid) this.#forget(transfer);
      }
    });
  }

  offer(selection: number, text: string): void {
    this.#owned.set(selection, { text, time: CURRENT_TIME });
    this.#x.client.SetSelectionOwner(this.#window, selection, CURRENT_TIME);
  }

  /** Empties a selection, whoever owns it. */
  clear(selection: number): void {
    this.#owned.delete(selection);
    this.#x.client.SetSelectionOwner(NOBODY, selection, CURRENT_TIME);
  }

  /** The server's word on since when a selection has been ours. */
  ownedSince(selection: number, time: number): void {
    const owned = this.#owned.get(selection);
    if (owned) owned.time = time;
  }

  close(): void {
    for (const { timeout } of this.#transfers) clearTimeout(timeout);
    this.#transfers.clear();
  }

  #requested(event: XEvent): void {
    const requestor = event.requestor as number;
    const selection = event.selection as number;
    const target = event.target as number;
    // Old programs name no property and mean the target's name (ICCCM 2.2).
    const property = (event.property as number) || target;
    const isGiven = this.#give(selection, target, requestor, property);
    this.#x.client.SendEvent(
      requestor,
      0,
      0,
      {
        name: 'SelectionNotify',
        type: 31,
        seq: 0,
        time: event.time,
        requestor,
        selection,
        target,
        property: isGiven ? property : NO_PROPERTY,
      },
      // The window may be gone by now.
      () => true,
    );
  }

  /** Writes the answer into the requestor's property. False where it asks for what a text is not. */
  #give(selection: number, target: number, requestor: number, property: number): boolean {
    const owned = this.#owned.get(selection);
    if (!owned) return false;
    const { targets, timestamp, utf8, text, plain, plainUtf8, string, atom, integer } = this.#atoms;
    switch (target) {
      case targets:
        this.#write(requestor, property, atom, 32, [
          targets,
          timestamp,
          utf8,
          plainUtf8,
          plain,
          text,
          string,
        ]);
        return true;
      case timestamp:
        this.#write(requestor, property, integer, 32, [owned.time]);
        return true;
      case utf8:
      case plainUtf8:
      case plain:
        this.#writeText(requestor, property, target, Buffer.from(owned.text));
        return true;
      case text:
        this.#writeText(requestor, property, utf8, Buffer.from(owned.text));
        return true;
      case string:
        this.#writeText(
          requestor,
          property,
          string,
          Buffer.from(owned.text.replace(/[^\0-\xff]/gu, '?'), 'latin1'),
        );
        return true;
      default:
        return false;
    }
  }

  #write(
    window: number,
    property: number,
    type: number,
    format: number,
    data: Buffer | readonly number[],
  ): void {
    this.#x.client.ChangeProperty(REPLACE, window, property, type, format, data, () => true);
  }

  #writeText(requestor: number, property: number, type: number, bytes: Buffer): void {
    if (bytes.length <= PIECE_BYTES) {
      this.#write(requestor, property, type, 8, bytes);
      return;
    }
    const transfer: Transfer = {
      requestor,
      property,
      type,
      rest: bytes,
      timeout: setTimeout(() => undefined, 0),
    };
    this.#transfers.add(transfer);
    this.#watch(transfer);
    this.#setEvents(requestor, PROPERTY_CHANGE_MASK | STRUCTURE_NOTIFY_MASK);
    this.#write(requestor, property, this.#atoms.incr, 32, [bytes.length]);
  }

  /** The requestor deletes the property to ask for the next piece; an empty one is the end. */
  #pieceTaken(requestor: number, property: number): void {
    for (const transfer of this.#transfers) {
      if (transfer.requestor !== requestor || transfer.property !== property) continue;
      const piece = transfer.rest.subarray(0, PIECE_BYTES);
      transfer.rest = transfer.rest.subarray(PIECE_BYTES);
      this.#write(requestor, property, transfer.type, 8, piece);
      if (piece.length === 0) this.#forget(transfer);
      else this.#watch(transfer);
      return;
    }
  }

  #watch(transfer: Transfer): void {
    clearTimeout(transfer.timeout);
    transfer.timeout = setTimeout(() => this.#forget(transfer), PIECE_TIMEOUT_MS).unref();
  }

  #forget(transfer: Transfer): void {
    clearTimeout(transfer.timeout);
    this.#transfers.delete(transfer);
    const { requestor } = transfer;
    if ([...this.#transfers].some((other) => other.requestor === requestor)) return;
    this.#setEvents(requestor, 0);
  }

  #setEvents(window: number, eventMask: number): void {
    if (this.#x.isOpen) this.#x.client.ChangeWindowAttributes(window, { eventMask }, () => true);
  }
}
