import type { XEvent } from 'x11';
import type { ClipboardContent } from '../../../protocol/clipboard-content.ts';
import type { XConnection } from '../wire/connection.ts';
import type { PieceEncoding } from './content-pieces.ts';
import type { SelectionAtoms } from './selection-atoms.ts';
import { SelectionTransfers } from './selection-transfers.ts';
import { readTargetPairs, type TargetPair } from './target-pairs.ts';

const SELECTION_CLEAR = 29;
const SELECTION_REQUEST = 30;

const REPLACE = 0;
const CURRENT_TIME = 0;
const NO_OWNER = 0;
const NO_PROPERTY = 0;

/**
 * Requests for several targets that are looked up at once; a further one is refused. Each waits for one answer of the
 * X server. A larger value lets programs make the server keep more of them.
 */
const MAX_MULTIPLE = 16;

/** A program's request for a selection. */
interface Request extends TargetPair {
  readonly selection: number;
  readonly requestor: number;
  readonly time: unknown;
}

/** Owns the selections on behalf of the viewers and gives their content to programs that ask (ICCCM 2.2). */
export class SelectionSource {
  readonly #x: XConnection;
  readonly #atoms: SelectionAtoms;
  readonly #window: number;
  readonly #transfers: SelectionTransfers;
  /** `time` is the server's time of the claim, or CURRENT_TIME until the server has told it. */
  readonly #owned = new Map<number, { readonly content: ClipboardContent; time: number }>();
  #multiples = 0;

  constructor(x: XConnection, atoms: SelectionAtoms, window: number) {
    this.#x = x;
    this.#atoms = atoms;
    this.#window = window;
    this.#transfers = new SelectionTransfers(x, atoms.incr);
    x.onEvent((event) => {
      if (event.type === SELECTION_REQUEST) void this.#requested(event);
      else if (event.type === SELECTION_CLEAR) this.#cleared(event.selection as number);
      else this.#transfers.heard(event);
    });
  }

  /** Takes a new content for a selection. Programs that ask get it at once if the selection is owned already. */
  hold(selection: number, content: ClipboardContent): void {
    this.#dropOldTransfers();
    this.#owned.set(selection, { content, time: CURRENT_TIME });
  }

  /** Gives programs nothing of a selection any more. */
  drop(selection: number): void {
    this.#dropOldTransfers();
    this.#owned.delete(selection);
  }

  /** Claims a selection that has a content, so that programs notice it. */
  claim(selection: number): void {
    if (this.#owned.has(selection)) this.#x.client.SetSelectionOwner(this.#window, selection, CURRENT_TIME);
  }

  /** Empties a selection, whatever its owner. */
  empty(selection: number): void {
    this.drop(selection);
    this.#x.client.SetSelectionOwner(NO_OWNER, selection, CURRENT_TIME);
  }

  /** The server says since when the selection is ours. */
  ownedSince(selection: number, time: number): void {
    const owned = this.#owned.get(selection);
    if (owned) owned.time = time;
  }

  close(): void {
    this.#transfers.close();
  }

  #cleared(selection: number): void {
    // Before the server has told the time of a claim, the loss is that of an earlier claim.
    if (this.#owned.get(selection)?.time !== CURRENT_TIME) this.#owned.delete(selection);
  }

  #dropOldTransfers(): void {
    const contents = [...this.#owned.values()].flatMap(({ content }) => [...content.values()]);
    this.#transfers.keepOnly(new Set(contents));
  }

  async #requested(event: XEvent): Promise<void> {
    const target = event.target as number;
    const request: Request = {
      selection: event.selection as number,
      requestor: event.requestor as number,
      time: event.time,
      target,
      // Old programs name no property and mean the target's name (ICCCM 2.2).
      property: (event.property as number) || target,
    };
    const isGiven =
      target === this.#atoms.multiple
        ? event.property !== NO_PROPERTY && (await this.#giveMultiple(request))
        : this.#give(request);
    if (this.#x.isOpen) this.#answer(request, isGiven);
  }

  #answer({ requestor, selection, target, property, time }: Request, isGiven: boolean): void {
    const answered = isGiven ? property : NO_PROPERTY;
    this.#x.client.SendEvent(
      requestor,
      0,
      0,
      { name: 'SelectionNotify', type: 31, seq: 0, time, requestor, selection, target, property: answered },
      // The window may be gone by now.
      () => true,
    );
  }

  /**
   * Gives each of the targets that the requestor lists in its property, and marks those that it cannot have. It can
   * have each target once: a list of 64 times the same one would be answered by 6 MB.
   */
  async #giveMultiple(request: Request): Promise<boolean> {
    if (this.#multiples >= MAX_MULTIPLE) return false;
    this.#multiples++;
    try {
      const pairs = await readTargetPairs(this.#x, request);
      if (!pairs) return false;
      const seen = new Set([this.#atoms.multiple]);
      const isGiven = pairs.map(({ target, property }) => {
        if (seen.has(target) || property === NO_PROPERTY) return false;
        seen.add(target);
        return this.#give({ ...request, target, property });
      });
      if (isGiven.includes(false)) {
        const answer = pairs.flatMap(({ target, property }, i) => [isGiven[i] ? target : 0, property]);
        this.#write(request, this.#atoms.atomPair, answer);
      }
      return true;
    } catch {
      // The requestor's window is gone.
      return false;
    } finally {
      this.#multiples--;
    }
  }

  /**
   * Writes the answer into the requestor's property. False if the content has no such form, or too many contents are
   * under way.
   */
  #give(request: Request): boolean {
    const owned = this.#owned.get(request.selection);
    if (!owned) return false;
    const { content, time } = owned;
    const { targets, timestamp, utf8, text, plain, plainUtf8, string, html, png, atom, integer } =
      this.#atoms;
    switch (request.target) {
      case targets:
        this.#write(request, atom, this.#targetsOf(content));
        return true;
      case timestamp:
        this.#write(request, integer, [time]);
        return true;
      case utf8:
      case plainUtf8:
      case plain:
        return this.#giveBytes(request, request.target, content.get('text'));
      case text:
        return this.#giveBytes(request, utf8, content.get('text'));
      case string:
        return this.#giveBytes(request, string, content.get('text'), 'latin1');
      case html:
      case png:
        return this.#giveBytes(
          request,
          request.target,
          content.get(request.target === html ? 'html' : 'png'),
        );
      default:
        return false;
    }
  }

  #targetsOf(content: ClipboardContent): number[] {
    const { targets, timestamp, multiple, utf8, plainUtf8, plain, text, string, html, png } = this.#atoms;
    return [
      ...[targets, timestamp, multiple],
      ...(content.has('text') ? [utf8, plainUtf8, plain, text, string] : []),
      ...(content.has('html') ? [html] : []),
      ...(content.has('png') ? [png] : []),
    ];
  }

  #giveBytes(
    { requestor, property }: Request,
    type: number,
    bytes: Uint8Array | undefined,
    encoding: PieceEncoding = 'as it is',
  ): boolean {
    return bytes !== undefined && this.#transfers.begin({ requestor, property, type }, bytes, encoding);
  }

  #write({ requestor, property }: Request, type: number, data: readonly number[]): void {
    this.#x.client.ChangeProperty(REPLACE, requestor, property, type, 32, data, () => true);
  }
}
