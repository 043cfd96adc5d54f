import type { ClipboardContent } from '../../protocol/clipboard-content.ts';
import { readFromBrowser, readPaste } from '../pasted-content.ts';
import { HeldKeys } from './held-keys.ts';
import type { InputSink } from './input-sink.ts';
import { KeysBehindPaste } from './keys-behind-paste.ts';
import { keysymOfKey, keysymsOfText } from './keysyms.ts';
import { LiveField } from './live-field.ts';
import { isPasteKey } from './paste-keys.ts';
import type { Platform } from './platform.ts';
import { scancodeOf } from './scancodes.ts';

/**
 * Longest time between Control and AltRight, in ms, for the pair to count as AltGr, which Windows reports in this
 * way. A larger value mistakes quick typing for AltGr.
 */
const ALT_GR_WINDOW_MS = 30;
/** Longest wait of a Ctrl+V for the browser to deliver the pasted text, in ms. A shorter wait may paste old text. */
const PASTE_WAIT_MS = 100;

const KEYSYM_ALT_GR = 0xfe03;
const KEYSYM_CONTROL_LEFT = 0xffe3;
/** The key in whose place a Mac has Command. */
const CONTROL_OF_META: Readonly<Record<string, string>> = {
  MetaLeft: 'ControlLeft',
  MetaRight: 'ControlRight',
};
const KEYCODE_COMPOSING = 229;

const MODIFIER_CODE = /^(Shift|Control|Alt|Meta|OS)(Left|Right)$/;
/** The flag of an event that says whether a modifier is down, by the code of its key. AltRight may be AltGr. */
const FLAG_OF_CODE: Readonly<Record<string, keyof Modifiers>> = {
  ...{ ShiftLeft: 'shiftKey', ShiftRight: 'shiftKey', ControlLeft: 'ctrlKey', ControlRight: 'ctrlKey' },
  ...{ AltLeft: 'altKey', MetaLeft: 'metaKey', MetaRight: 'metaKey', OSLeft: 'metaKey', OSRight: 'metaKey' },
};
/**
 * Keys that are not sent: their effect is already in each key's symbol. If they were sent too, it would apply twice
 * or get out of step.
 */
const LOCK_KEYS = new Set(['CapsLock', 'NumLock']);

/** A key by the names that browsers have for it. */
export type NamedKey = Pick<KeyboardEvent, 'key' | 'code' | 'location'>;

/** The modifiers that are down, as events of keys and of the mouse tell them. */
export type Modifiers = Pick<MouseEvent, 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey'>;

/** Keys held back until their meaning is known. */
interface Pending {
  readonly timer: ReturnType<typeof setTimeout>;
  /** Sends the keys unchanged. */
  readonly send: () => void;
}

/**
 * Sends what the user types into `field`, an invisible text area. Dead keys, input methods and on-screen keyboards
 * work only in a real text field.
 */
export class Keyboard {
  readonly #field: HTMLTextAreaElement;
  readonly #sink: KeysBehindPaste;
  readonly #keys: HeldKeys;
  readonly #platform: Platform;
  /** Reads an on-screen keyboard that tells no keys. */
  readonly #live: LiveField | undefined;
  /** Codes of the keys that the page holds down for the user. */
  readonly #heldByPage = new Set<string>();
  #pendingControl: (Pending & { readonly timeStamp: number }) | undefined;
  #pendingPaste: Pending | undefined;

  /** Whether a Mac's Command is Control on the desktop, so that Command and C copies as it does on a Mac. */
  isCommandControl = true;
  /** Called when no key is down any more, not even those that the page holds. */
  onReleased: () => void = () => {};
  /** Called with what the user pastes. */
  onPasted: (content: ClipboardContent) => void = () => {};
  /** Returns true for keys that the page handles itself. Called before anything is sent. */
  isPageShortcut: (event: KeyboardEvent) => boolean = () => false;

  /** `signal` ends it. */
  constructor(field: HTMLTextAreaElement, sink: InputSink, platform: Platform, signal: AbortSignal) {
    this.#field = field;
    this.#sink = new KeysBehindPaste(sink);
    this.#keys = new HeldKeys(this.#sink);
    this.#platform = platform;
    this.#live = platform.isAndroid ? new LiveField(field) : undefined;
    field.addEventListener('keydown', (event) => this.#onKeyDown(event));
    field.addEventListener('keyup', (event) => this.#onKeyUp(event));
    field.addEventListener('compositionend', (event) => {
      if (!this.#live) this.#type(event.data);
    });
    field.addEventListener('input', (event) => this.#onInput(event as InputEvent));
    field.addEventListener('paste', (event) => this.#onPaste(event));
    field.addEventListener('blur', () => this.#releaseTyped());
    window.addEventListener('blur', () => this.releaseAll(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden && this.releaseAll(), { signal });
  }

  focus(): void {
    this.#field.focus({ preventScroll: true });
  }

  /** Shows or hides the on-screen keyboard, on devices that have one. Their browsers show it only in a gesture. */
  setOnScreen(isShown: boolean): void {
    this.#field.inputMode = isShown ? 'text' : 'none';
    // Browsers look at the mode when the field gets the focus.
    this.#field.blur();
    this.#live?.begin();
    this.focus();
  }

  /** Releases all keys. Called when the page can no longer see keys being released. */
  releaseAll(): void {
    this.#heldByPage.clear();
    this.#releaseTyped();
    this.onReleased();
  }

  /** Releases what the user has typed. What the page holds stays down while the user looks for it in the page. */
  #releaseTyped(): void {
    this.#flushPending();
    this.#keys.releaseAll((code) => !this.#heldByPage.has(code));
  }

  /**
   * Presses the keys in order and releases them in reverse, for combinations that the browser does not deliver. Keys that
   * are held stay down.
   */
  chord(keys: readonly NamedKey[]): void {
    this.#flushPending();
    for (const key of keys) this.#press(key);
    for (const key of keys.toReversed()) if (!this.#heldByPage.has(key.code)) this.#keys.release(key.code);
  }

  /** Presses a key until it is released by this, or the page can no longer see keys being released. */
  hold(key: NamedKey, isDown: boolean): void {
    if (isDown) {
      this.#heldByPage.add(key.code);
      this.#press(key);
    } else {
      this.#heldByPage.delete(key.code);
      this.#keys.release(key.code);
    }
  }

  /**
   * Releases modifiers whose key-up the browser has missed, as it does when a dialog of the system or another program
   * takes it. Called with each event that tells the modifiers, before what it does is sent.
   */
  follow(modifiers: Modifiers): void {
    // While AltGr is down, browsers differ in what they tell of Control and Alt.
    if (this.#keys.has('AltRight')) return;
    this.#keys.releaseAll((code) => {
      const flag = FLAG_OF_CODE[code];
      return flag !== undefined && !modifiers[flag] && !this.#heldByPage.has(code);
    });
  }

  #press(key: NamedKey): void {
    const keysym = keysymOfKey(key);
    if (keysym !== undefined) this.#keys.press(key.code, keysym, scancodeOf(key.code));
  }

  #onKeyDown(event: KeyboardEvent): void {
    if (this.isPageShortcut(event)) {
      event.preventDefault();
      this.#releaseTyped();
      return;
    }
    // An input method is active, or a dead key waits for its letter: the text arrives as a composition.
    if (event.isComposing || event.keyCode === KEYCODE_COMPOSING || event.key === 'Dead') return;
    if (this.#mergesIntoAltGr(event)) {
      event.preventDefault();
      this.#keys.press(event.code, KEYSYM_ALT_GR, scancodeOf(event.code));
      return;
    }
    this.#flushPending();
    // Whether the flags have a modifier whose own key this is, depends on the browser.
    if (!MODIFIER_CODE.test(event.code)) this.follow(event);
    if (LOCK_KEYS.has(event.key) || this.#isEchoOfAltGr(event)) return;
    const keysym = this.#keysymOf(event);
    if (keysym === undefined) return;
    const code = event.code || event.key;
    const place = this.#isControl(event) ? (CONTROL_OF_META[event.code] ?? event.code) : event.code;
    const press = () => this.#keys.press(code, keysym, scancodeOf(place));
    if (this.#platform.isWindows && event.code === 'ControlLeft' && !event.repeat) {
      event.preventDefault();
      this.#pendingControl = { ...this.#hold(press, ALT_GR_WINDOW_MS), timeStamp: event.timeStamp };
      return;
    }
    if (isPasteKey(event) && !this.#pastesUnasked(event)) {
      // Not prevented: the browser's paste event brings the text, which must reach the desktop before the key does.
      if (event.repeat) press();
      else this.#pendingPaste = this.#hold(press, PASTE_WAIT_MS);
      return;
    }
    event.preventDefault();
    if (isPasteKey(event) && !event.repeat) this.#pasteOf(readFromBrowser().catch(() => new Map()));
    press();
    // What on-screen keyboards correct afterwards is only what was typed since.
    this.#live?.begin();
    this.#releaseWhatMacKeepsSilent(event);
  }

  #onKeyUp(event: KeyboardEvent): void {
    this.#flushPending();
    const code = event.code || event.key;
    if (!this.#heldByPage.has(code)) this.#keys.release(code);
    if (!this.#platform.isMac) return;
    // macOS reports no other key going up while Command is down.
    if (event.key === 'Meta') this.#keys.releaseAll((code) => !MODIFIER_CODE.test(code));
  }

  /** Sends text that has no key: from on-screen keyboards, emoji pickers, dictation. */
  #onInput(event: InputEvent): void {
    if (this.#live) {
      const { removed, added } = this.#live.change(event.isComposing);
      this.#keys.type(keysymsOfText('\b'.repeat(removed) + added));
      return;
    }
    if (event.isComposing || event.inputType === 'insertCompositionText') return;
    if (event.inputType === 'insertText' && event.data) this.#type(event.data);
    if (event.inputType === 'insertLineBreak') this.#type('\n');
    if (event.inputType.startsWith('deleteContentBackward')) this.#type('\b');
    this.#field.value = '';
  }

  #type(text: string): void {
    this.#flushPending();
    this.#keys.type(keysymsOfText(text));
    this.#field.value = '';
  }

  #onPaste(event: ClipboardEvent): void {
    event.preventDefault();
    const pasted = readPaste(event.clipboardData);
    if (pasted instanceof Promise) this.#pasteOf(pasted);
    else if (pasted.size > 0) {
      this.#sink.clipboard(pasted);
      this.onPasted(pasted);
    }
    this.#flushPending();
  }

  #pasteOf(reading: Promise<ClipboardContent>): void {
    this.#sink.clipboardOf(reading);
    void reading.then((content) => {
      if (content.size > 0) this.onPasted(content);
    });
  }

  /** macOS pastes with Command alone. Its browsers tell nothing of a paste with Control, which many programs have. */
  #pastesUnasked(event: KeyboardEvent): boolean {
    return this.#platform.isMac && event.ctrlKey && !event.metaKey;
  }

  #isControl(event: KeyboardEvent): boolean {
    return this.#platform.isMac && this.isCommandControl && event.key === 'Meta';
  }

  /** Recognises AltGr on Windows and discards the Control that was held back for it. */
  #mergesIntoAltGr(event: KeyboardEvent): boolean {
    if (event.code !== 'AltRight' || event.repeat) return false;
    const control = this.#pendingControl;
    if (!control || event.timeStamp - control.timeStamp > ALT_GR_WINDOW_MS) return false;
    clearTimeout(control.timer);
    this.#pendingControl = undefined;
    return true;
  }

  /** Recognises the extra Control that Windows repeats while AltGr is down. */
  #isEchoOfAltGr(event: KeyboardEvent): boolean {
    return (
      this.#platform.isWindows &&
      event.code === 'ControlLeft' &&
      event.repeat &&
      !this.#keys.has('ControlLeft')
    );
  }

  #keysymOf(event: KeyboardEvent): number | undefined {
    // On a Mac, Option chooses a key's third symbol. Sent as Alt, it would turn "@" into Alt+@.
    if (this.#platform.isMac && event.key === 'Alt') return KEYSYM_ALT_GR;
    if (this.#isControl(event)) return keysymOfKey({ key: 'Control', location: event.location });
    if (event.code === 'ControlLeft') return KEYSYM_CONTROL_LEFT;
    return keysymOfKey(event);
  }

  #releaseWhatMacKeepsSilent(event: KeyboardEvent): void {
    if (!this.#platform.isMac || !event.metaKey || MODIFIER_CODE.test(event.code)) return;
    this.#keys.release(event.code);
  }

  #hold(send: () => void, waitMs: number): Pending {
    return { send, timer: setTimeout(() => this.#flushPending(), waitMs) };
  }

  #flushPending(): void {
    const held = [this.#pendingControl, this.#pendingPaste];
    this.#pendingControl = undefined;
    this.#pendingPaste = undefined;
    for (const pending of held) {
      if (!pending) continue;
      clearTimeout(pending.timer);
      pending.send();
    }
  }
}
