import type { Fixes } from 'x11';
import { type ClipboardContent, partOf } from '../../../protocol/clipboard-content.ts';
import type { ClipboardChange } from '../../desktop.ts';
import { extension, type XConnection } from '../wire/connection.ts';
import { becomesPrimary } from './primary-rules.ts';
import { type SelectionAtoms, selectionAtoms } from './selection-atoms.ts';
import { SelectionReader } from './selection-reader.ts';
import type { SelectionContent } from './selection-reading.ts';
import { SelectionSource } from './selection-source.ts';

const INPUT_ONLY = 2;

/** XFixesSelectionNotify is the first event of the extension; its subtypes. */
const OWNER_CHANGED = 0;
/** XFixesSetSelectionOwnerNotifyMask, and those of a destroyed window and of a closed connection. */
const OWNER_MASK = 1 | 2 | 4;
const NO_OWNER = 0;

export interface ClipboardListeners {
  /** A program has copied or marked something. */
  changed(change: ClipboardChange): void;
  /** The program that had the CLIPBOARD is gone, has given it up, or has copied what viewers cannot use. */
  lost(): void;
}

/** The desktop's CLIPBOARD and PRIMARY. */
export class Clipboard {
  readonly #x: XConnection;
  readonly #atoms: SelectionAtoms;
  readonly #window: number;
  readonly #listeners: ClipboardListeners;
  readonly #source: SelectionSource;
  readonly #readers: ReadonlyMap<number, SelectionReader>;
  /** The content that programs are not told of yet. */
  #due: ClipboardContent | undefined;
  #claiming: Promise<void> | undefined;
  /** Whether the program that marked something last has a CLIPBOARD. */
  #hasPrimaryClipboard = false;

  static async open(x: XConnection, listeners: ClipboardListeners): Promise<Clipboard> {
    const fixes = await extension<Fixes>('XFIXES', (done) => x.client.require('fixes', done));
    const clipboard = new Clipboard(x, await selectionAtoms(x), fixes, listeners);
    await x.sync();
    return clipboard;
  }

  private constructor(x: XConnection, atoms: SelectionAtoms, fixes: Fixes, listeners: ClipboardListeners) {
    this.#x = x;
    this.#atoms = atoms;
    this.#window = x.client.AllocID();
    x.client.CreateWindow(this.#window, x.root, 0, 0, 1, 1, 0, 0, INPUT_ONLY, 0, {});
    this.#source = new SelectionSource(x, atoms, this.#window);
    this.#listeners = listeners;
    const { clipboard, primary } = atoms;
    this.#readers = new Map([
      [clipboard, new SelectionReader(x, atoms, clipboard, (found) => this.#copied(found))],
      [primary, new SelectionReader(x, atoms, primary, (found) => this.#marked(found))],
    ]);
    x.onEvent((event) => {
      if (event.type !== fixes.firstEvent) return;
      const selection = event.selection as number;
      const isOwned = event.subtype === OWNER_CHANGED && event.owner !== NO_OWNER;
      if (!isOwned && selection === clipboard) listeners.lost();
      else if (isOwned && event.owner === this.#window)
        this.#source.ownedSince(selection, event.selectionTimestamp as number);
      else if (isOwned) {
        // Until it has been read, the program may be one that unmarks its text.
        if (selection === primary) this.#hasPrimaryClipboard = true;
        this.#readers.get(selection)?.claimed();
      }
    });
    for (const selection of this.#readers.keys())
      fixes.SelectSelectionInput(this.#window, selection, OWNER_MASK);
  }

  /**
   * Resolves when programs can have the content; with NO_CONTENT, when both selections are empty. Of many contents in
   * quick succession only the newest is announced to programs.
   */
  async set(content: ClipboardContent): Promise<void> {
    this.#readers.get(this.#atoms.clipboard)!.close();
    if (content.size === 0) this.#source.drop(this.#atoms.clipboard);
    else this.#source.hold(this.#atoms.clipboard, content);
    this.#due = content;
    this.#claiming ??= this.#claim().finally(() => {
      this.#claiming = undefined;
    });
    await this.#claiming;
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.close();
    this.#source.close();
  }

  #copied(found: SelectionContent | undefined): void {
    // Such as files.
    if (!found) this.#listeners.lost();
    else this.#listeners.changed({ content: found.content, tooLarge: found.tooLarge, how: 'copied' });
  }

  #marked(found: SelectionContent | undefined): void {
    if (!found) return;
    const { content, tooLarge, hasClipboard } = found;
    this.#hasPrimaryClipboard = hasClipboard;
    this.#listeners.changed({ content, tooLarge, how: hasClipboard ? 'marked' : 'marked only' });
  }

  /** One round trip at a time, so that requests do not pile up for an X server that does not answer. */
  async #claim(): Promise<void> {
    const { clipboard, primary } = this.#atoms;
    for (let due = this.#due; due !== undefined; due = this.#due) {
      this.#due = undefined;
      if (due.size === 0) {
        for (const [selection, reader] of this.#readers) {
          reader.close();
          this.#source.empty(selection);
        }
      } else {
        this.#source.claim(clipboard);
        // Of marked content only the text is of use.
        const text = partOf(due, ['text']);
        if (text.size > 0 && (await this.#takesPrimary())) {
          this.#readers.get(primary)!.close();
          this.#source.hold(primary, text);
          this.#source.claim(primary);
        }
      }
      await this.#x.sync();
    }
  }

  async #takesPrimary(): Promise<boolean> {
    const { primary } = this.#atoms;
    const [owner, { focus }] = await Promise.all([
      this.#x.request<number>((client, done) => client.GetSelectionOwner(primary, done)),
      this.#x.request<{ focus: number }>((client, done) => client.GetInputFocus(done)),
    ]);
    return becomesPrimary({
      ...{ owner, focus },
      isOwnerOurs: owner === this.#window,
      hasOwnerClipboard: this.#hasPrimaryClipboard,
      idMask: this.#x.idMask,
    });
  }
}
