import type { Fixes } from 'x11';
import type { DesktopEvents } from '../../desktop.ts';
import { extension, type XConnection } from '../wire/connection.ts';
import { selectionAtoms } from './selection-atoms.ts';
import { SelectionReader } from './selection-reader.ts';
import type { SelectionText } from './selection-reading.ts';
import { SelectionSource } from './selection-source.ts';

const INPUT_ONLY = 2;

/** XFixesSetSelectionOwnerNotifyMask. Viewers are not told that a selection was emptied. */
const OWNER_MASK = 1;

/** XFixesSelectionNotify is the first event of the extension; this subtype is a change of owner. */
const OWNER_CHANGED = 0;
const NO_OWNER = 0;

/**
 * Milliseconds within which the same text from both selections is one copy. A larger value hides a second copy of
 * the same text from viewers; a smaller one tells a slow program's copy twice.
 */
const SAME_COPY_MS = 1000;

/** A text that a program copied or marked. */
export type CopiedText = DesktopEvents['clipboard'][0];

/** The desktop's CLIPBOARD and PRIMARY, as one text. */
export class Clipboard {
  readonly #x: XConnection;
  readonly #source: SelectionSource;
  readonly #readers: ReadonlyMap<number, SelectionReader>;
  /** Whether the text has changed since the selections were last claimed. */
  #isClaimDue = false;
  #claiming: Promise<void> | undefined;

  /** Calls `onText` with every text that a program copies or marks. */
  static async open(x: XConnection, onText: (text: CopiedText) => void): Promise<Clipboard> {
    const fixes = await extension<Fixes>('XFIXES', (done) => x.client.require('fixes', done));
    const atoms = await selectionAtoms(x);
    const window = x.client.AllocID();
    x.client.CreateWindow(window, x.root, 0, 0, 1, 1, 0, 0, INPUT_ONLY, 0, {});
    let last = { digest: '', atMs: Number.NEGATIVE_INFINITY, isCopied: false };
    const changed = ({ text, digest }: SelectionText, isCopied: boolean): void => {
      const atMs = performance.now();
      const isSame = digest === last.digest && atMs - last.atMs < SAME_COPY_MS;
      const wasCopied = isSame && last.isCopied;
      last = { digest, atMs, isCopied: isCopied || wasCopied };
      if (!isSame) onText({ text, how: isCopied ? 'copied' : 'marked' });
      else if (isCopied && !wasCopied) onText({ text, how: 'marked, then copied' });
    };
    const readers = new Map(
      [atoms.clipboard, atoms.primary].map((selection) => [
        selection,
        new SelectionReader(x, atoms, selection, (text) => changed(text, selection === atoms.clipboard)),
      ]),
    );
    const source = new SelectionSource(x, atoms, window);
    x.onEvent((event) => {
      if (event.type !== fixes.firstEvent || event.subtype !== OWNER_CHANGED) return;
      const selection = event.selection as number;
      if (event.owner === window) source.ownedSince(selection, event.selectionTimestamp as number);
      else if (event.owner !== NO_OWNER) readers.get(selection)?.claimed();
    });
    for (const selection of readers.keys()) fixes.SelectSelectionInput(window, selection, OWNER_MASK);
    await x.sync();
    return new Clipboard(x, source, readers);
  }

  constructor(x: XConnection, source: SelectionSource, readers: ReadonlyMap<number, SelectionReader>) {
    this.#x = x;
    this.#source = source;
    this.#readers = readers;
  }

  /**
   * Resolves when programs can have the text, or when both selections are empty. Of many texts in quick succession
   * only the newest is announced to programs.
   */
  async set(text: string | undefined): Promise<void> {
    for (const [selection, reader] of this.#readers) {
      reader.close();
      this.#source.hold(selection, text);
    }
    this.#isClaimDue = true;
    this.#claiming ??= this.#claim().finally(() => {
      this.#claiming = undefined;
    });
    await this.#claiming;
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.close();
    this.#source.close();
  }

  /** One round trip at a time, so that requests do not pile up for an X server that does not answer. */
  async #claim(): Promise<void> {
    while (this.#isClaimDue) {
      this.#isClaimDue = false;
      for (const selection of this.#readers.keys()) this.#source.claim(selection);
      await this.#x.sync();
    }
  }
}
