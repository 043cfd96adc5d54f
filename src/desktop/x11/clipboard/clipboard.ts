import type { Fixes } from 'x11';
import { extension, type XConnection } from '../wire/connection.ts';
import { selectionAtoms } from './selection-atoms.ts';
import { SelectionReader } from './selection-reader.ts';
import { SelectionSource } from './selection-source.ts';

const INPUT_ONLY = 2;
const PROPERTY_CHANGE_MASK = 1 << 22;

/** XFixesSetSelectionOwnerNotifyMask; that a selection was emptied is no news to a viewer. */
const OWNER_MASK = 1;

/** XFixesSelectionNotify is the extension's first event. */
const OWNER_CHANGED = 0;
const NOBODY = 0;

/**
 * Programs claim PRIMARY again with every letter the mouse marks; it is read when the mouse rests. CLIPBOARD
 * waits as long: many claim both, and the text is told once.
 */
const MARKING_SETTLES_MS = 60;

/** The same text from both selections within this time is one copy. */
const SAME_COPY_MS = 1000;

/** The desktop's CLIPBOARD and PRIMARY, as one text. */
export class ClipboardLink {
  readonly #x: XConnection;
  readonly #source: SelectionSource;
  readonly #readers: ReadonlyMap<number, SelectionReader>;
  readonly #settling = new Map<number, NodeJS.Timeout>();

  /** Calls `onText` with every text that a program copies or marks. */
  static async open(x: XConnection, onText: (text: string) => void): Promise<ClipboardLink> {
    const fixes = await extension<Fixes>('XFIXES', (done) => x.client.require('fixes', done));
    const atoms = await selectionAtoms(x);
    const window = x.client.AllocID();
    x.client.CreateWindow(window, x.root, 0, 0, 1, 1, 0, 0, INPUT_ONLY, 0, {
      eventMask: PROPERTY_CHANGE_MASK,
    });
    let last = { text: '', at: Number.NEGATIVE_INFINITY };
    const copied = (text: string): void => {
      const now = performance.now();
      const isSame = text === last.text && now - last.at < SAME_COPY_MS;
      last = { text, at: now };
      if (!isSame) onText(text);
    };
    const readers = new Map<number, SelectionReader>();
    for (const selection of [atoms.clipboard, atoms.primary]) {
      // A selection's own name serves as the name of the property.
      readers.set(selection, new SelectionReader(x, atoms, window, selection, selection, copied));
    }
    const source = new SelectionSource(x, atoms, window);
    const link = new ClipboardLink(x, source, readers);
    x.onEvent((event) => {
      if (event.type !== fixes.firstEvent || event.subtype !== OWNER_CHANGED) return;
      const selection = event.selection as number;
      if (event.owner === window) source.ownedSince(selection, event.selectionTimestamp as number);
      else if (event.owner !== NOBODY) link.#claimed(selection);
    });
    for (const selection of readers.keys()) fixes.SelectSelectionInput(window, selection, OWNER_MASK);
    await x.sync();
    return link;
  }

  constructor(x: XConnection, source: SelectionSource, readers: ReadonlyMap<number, SelectionReader>) {
    this.#x = x;
    this.#source = source;
    this.#readers = readers;
  }

  /** Resolves when programs can have the text, or when both selections are empty. */
  async set(text: string | undefined): Promise<void> {
    for (const [selection, reader] of this.#readers) {
      reader.close();
      clearTimeout(this.#settling.get(selection));
      if (text === undefined) this.#source.clear(selection);
      else this.#source.offer(selection, text);
    }
    await this.#x.sync();
  }

  close(): void {
    for (const timeout of this.#settling.values()) clearTimeout(timeout);
    for (const reader of this.#readers.values()) reader.close();
    this.#source.close();
  }

  #claimed(selection: number): void {
    clearTimeout(this.#settling.get(selection));
    const timeout = setTimeout(() => this.#readers.get(selection)?.read(), MARKING_SETTLES_MS).unref();
    this.#settling.set(selection, timeout);
  }
}
