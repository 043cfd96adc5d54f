import type { XEvent } from 'x11';
import type { XConnection } from '../wire/connection.ts';
import type { SelectionAtoms } from './selection-atoms.ts';
import { encodeText, type PieceEncoding, textPieces } from './text-pieces.ts';

const PROPERTY_NOTIFY = 28;
const DESTROY_NOTIFY = 17;
const SELECTION_CLEAR = 29;
const SELECTION_REQUEST = 30;

const STRUCTURE_NOTIFY_MASK = 1 << 17;
const PROPERTY_CHANGE_MASK = 1 << 22;

const REPLACE = 0;
const DELETED = 1;
const CURRENT_TIME = 0;
const NO_OWNER = 0;
const NO_PROPERTY = 0;

/**
 * Bytes of a property written at once; more goes in pieces (INCR, ICCCM 2.7.2). A request holds 262,116 bytes. Smaller
 * values cost a round trip for each piece, and some old programs take no pieces.
 */
const DIRECT_BYTES = 128 * 1024;

/**
 * Milliseconds that a program may take for its next piece. A larger value keeps the text for a program that hangs; a
 * smaller one breaks pastes into a busy program.
 */
const PIECE_TIMEOUT_MS = 10_000;

/** Texts under way to programs at once; a further request is refused. Each needs about 100 KB in the X server. */
const MAX_TRANSFERS = 32;

/** A text under way to a program, piece by piece. */
interface Transfer {
  readonly requestor: number;
  readonly property: number;
  readonly type: number;
  readonly text: string;
  readonly pieces: Iterator<Buffer, undefined>;
  timeout: NodeJS.Timeout | undefined;
}

/** Owns the selections on behalf of the viewers and gives their text to programs that ask (ICCCM 2.2). */
export class SelectionSource {
  readonly #x: XConnection;
  readonly #atoms: SelectionAtoms;
  readonly #window: number;
  readonly #transfers = new Set<Transfer>();
  /** `time` is the server's time of the claim, or CURRENT_TIME until the server has told it. */
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
          return this.#cleared(event.selection as number);
        case PROPERTY_NOTIFY:
          if (event.state === DELETED) this.#pieceTaken(event.wid as number, event.atom as number);
          return;
        case DESTROY_NOTIFY:
          for (const transfer of this.#transfers)
            if (transfer.requestor === event.wid) this.#forget(transfer);
      }
    });
  }

  /** Takes a new text for a selection, or none. Programs that ask get it at once if the selection is owned already. */
  hold(selection: number, text: string | undefined): void {
    this.#dropOldTransfers();
    if (text === undefined) this.#owned.delete(selection);
    else this.#owned.set(selection, { text, time: CURRENT_TIME });
  }

  /** Claims a selection that has a text, so that programs notice it; empties one that has none, whatever its owner. */
  claim(selection: number): void {
    const owner = this.#owned.has(selection) ? this.#window : NO_OWNER;
    this.#x.client.SetSelectionOwner(owner, selection, CURRENT_TIME);
  }

  /** The server says since when the selection is ours. */
  ownedSince(selection: number, time: number): void {
    const owned = this.#owned.get(selection);
    if (owned) owned.time = time;
  }

  close(): void {
    for (const { timeout } of this.#transfers) clearTimeout(timeout);
    this.#transfers.clear();
  }

  #cleared(selection: number): void {
    // Before the server has told the time of a claim, the loss is that of an earlier claim.
    if (this.#owned.get(selection)?.time !== CURRENT_TIME) this.#owned.delete(selection);
  }

  /** A transfer may outlive one change of the text. More would let slow programs keep any number of texts in memory. */
  #dropOldTransfers(): void {
    const texts = new Set([...this.#owned.values()].map(({ text }) => text));
    for (const transfer of this.#transfers) if (!texts.has(transfer.text)) this.#forget(transfer);
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

  /**
   * Writes the answer into the requestor's property. False if a text has no such form, or too many texts are under
   * way.
   */
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
        return this.#writeText(requestor, property, target, owned.text, 'utf8');
      case text:
        return this.#writeText(requestor, property, utf8, owned.text, 'utf8');
      case string:
        return this.#writeText(requestor, property, string, owned.text, 'latin1');
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

  #writeText(
    requestor: number,
    property: number,
    type: number,
    text: string,
    encoding: PieceEncoding,
  ): boolean {
    if (text.length <= DIRECT_BYTES) {
      const bytes = encodeText(text, encoding);
      if (bytes.length <= DIRECT_BYTES) {
        this.#write(requestor, property, type, 8, bytes);
        return true;
      }
    }
    for (const other of this.#transfers)
      if (other.requestor === requestor && other.property === property) this.#forget(other);
    if (this.#transfers.size >= MAX_TRANSFERS) return false;
    const pieces = textPieces(text, encoding);
    const transfer: Transfer = { requestor, property, type, text, pieces, timeout: undefined };
    this.#transfers.add(transfer);
    this.#watch(transfer);
    this.#setEvents(requestor, PROPERTY_CHANGE_MASK | STRUCTURE_NOTIFY_MASK);
    // A lower bound of the size in bytes, as ICCCM asks for; the size itself would need the whole text encoded.
    const leastBytes = encoding === 'utf8' ? text.length : text.length / 2;
    this.#write(requestor, property, this.#atoms.incr, 32, [Math.floor(leastBytes)]);
    return true;
  }

  /** The requestor has deleted the property to ask for the next piece. An empty piece is the end. */
  #pieceTaken(requestor: number, property: number): void {
    for (const transfer of this.#transfers) {
      if (transfer.requestor !== requestor || transfer.property !== property) continue;
      const piece = transfer.pieces.next().value;
      this.#write(requestor, property, transfer.type, 8, piece ?? Buffer.alloc(0));
      if (piece) this.#watch(transfer);
      else this.#forget(transfer);
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
