import type { XEvent } from 'x11';
import { TokenBucket } from '../../../common/token-bucket.ts';
import type { XConnection } from '../wire/connection.ts';
import { contentPieces, PIECE_BYTES, type PieceEncoding } from './content-pieces.ts';

const PROPERTY_NOTIFY = 28;
const DESTROY_NOTIFY = 17;

const STRUCTURE_NOTIFY_MASK = 1 << 17;
const PROPERTY_CHANGE_MASK = 1 << 22;

const REPLACE = 0;
const DELETED = 1;

/**
 * Milliseconds that a program may take for its next piece. A larger value keeps the content for a program that hangs; a
 * smaller one breaks pastes into a busy program.
 */
const PIECE_TIMEOUT_MS = 10_000;

/** Contents under way to programs at once; a further request is refused. Each needs about 100 KB in the X server. */
const MAX_TRANSFERS = 32;

/**
 * Bytes of small contents that programs are given in a second, and at once after a pause; a further request is refused.
 * A program can ask 100,000 times in a second. Larger values let it keep the X server busier, and all other programs
 * waiting; with smaller ones, a program that asks for each form of a clipboard is refused some.
 */
export const AT_ONCE_BYTES = { perSecond: 16 << 20, burst: 8 << 20 };

/** A property of a program's window, in which it wants a content. */
export interface Destination {
  readonly requestor: number;
  readonly property: number;
  /** Type of the data. */
  readonly type: number;
}

/** A content under way to a program, piece by piece. */
interface Transfer extends Destination {
  readonly bytes: Uint8Array;
  readonly pieces: Iterator<Buffer, undefined>;
  timeout: NodeJS.Timeout | undefined;
}

/** Gives contents to programs: at once if they are small, else in pieces as the program takes them (INCR, ICCCM 2.7.2). */
export class SelectionTransfers {
  readonly #x: XConnection;
  readonly #incr: number;
  readonly #transfers = new Set<Transfer>();
  readonly #atOnce = new TokenBucket(AT_ONCE_BYTES, performance.now());

  /** `incr` is the atom INCR. */
  constructor(x: XConnection, incr: number) {
    this.#x = x;
    this.#incr = incr;
  }

  /** Takes every event of the connection. */
  heard(event: XEvent): void {
    if (event.type === PROPERTY_NOTIFY) {
      if (event.state === DELETED) this.#pieceTaken(event.wid as number, event.atom as number);
    } else if (event.type === DESTROY_NOTIFY) {
      for (const transfer of this.#transfers) if (transfer.requestor === event.wid) this.#forget(transfer);
    }
  }

  /** False if too many contents are under way, or too many small ones were given lately. */
  begin(to: Destination, bytes: Uint8Array, encoding: PieceEncoding): boolean {
    const pieces = contentPieces(bytes, encoding);
    if (bytes.length <= PIECE_BYTES) {
      if (!this.#atOnce.take(bytes.length, performance.now())) return false;
      this.#write(to, pieces.next().value ?? Buffer.alloc(0));
      return true;
    }
    for (const other of this.#transfers)
      if (other.requestor === to.requestor && other.property === to.property) this.#forget(other);
    if (this.#transfers.size >= MAX_TRANSFERS) return false;
    const transfer: Transfer = { ...to, bytes, pieces, timeout: undefined };
    this.#transfers.add(transfer);
    this.#watch(transfer);
    this.#setEvents(to.requestor, PROPERTY_CHANGE_MASK | STRUCTURE_NOTIFY_MASK);
    // A lower bound of the size, as ICCCM asks for: a character of Latin-1 is up to four bytes of UTF-8.
    const leastBytes = encoding === 'as it is' ? bytes.length : Math.floor(bytes.length / 4);
    this.#x.client.ChangeProperty(
      REPLACE,
      to.requestor,
      to.property,
      this.#incr,
      32,
      [leastBytes],
      () => true,
    );
    return true;
  }

  /**
   * Drops what is under way but for these contents. A transfer may outlive one change of the content. More would let
   * slow programs keep any number of contents in memory.
   */
  keepOnly(contents: ReadonlySet<Uint8Array>): void {
    for (const transfer of this.#transfers) if (!contents.has(transfer.bytes)) this.#forget(transfer);
  }

  close(): void {
    for (const { timeout } of this.#transfers) clearTimeout(timeout);
    this.#transfers.clear();
  }

  #write({ requestor, property, type }: Destination, data: Buffer): void {
    this.#x.client.ChangeProperty(REPLACE, requestor, property, type, 8, data, () => true);
  }

  /** The requestor has deleted the property to ask for the next piece. An empty piece is the end. */
  #pieceTaken(requestor: number, property: number): void {
    for (const transfer of this.#transfers) {
      if (transfer.requestor !== requestor || transfer.property !== property) continue;
      const piece = transfer.pieces.next().value;
      this.#write(transfer, piece ?? Buffer.alloc(0));
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
