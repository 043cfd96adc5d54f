import type { ClipboardContent } from '../../protocol/clipboard-content.ts';
import { BrowserClipboard } from '../browser-clipboard.ts';
import type { Rights } from '../connection.ts';
import type { Explanation } from '../disconnect.ts';
import { GuardedSink } from '../input/guarded-sink.ts';
import { Keyboard, type NamedKey } from '../input/keyboard.ts';
import { platformOf } from '../input/platform.ts';
import { Pointer, type WheelSettings } from '../input/pointer.ts';
import type { TouchMode } from '../input/touch/gestures.ts';
import { TouchInput } from '../input/touch/touch-input.ts';
import { type DesktopPlace, Link } from '../link.ts';
import type { Measured, Totals } from '../measured.ts';
import type { PictureSettings } from '../picture-settings.ts';
import { cssCursor, cursorImage } from '../render/cursor.ts';
import { DrawnPointer } from '../render/drawn-pointer.ts';
import type { ScaleMode, Size } from '../render/geometry.ts';
import { Screen } from '../render/screen.ts';
import type { LoggedIn } from '../ticket.ts';
import type { DesktopScale } from './desktop-scale.ts';
import type { DeskwireViewStats } from './element-types.ts';
import { Emitter } from './emitter.ts';
import type { ViewParts } from './parts.ts';
import { WindowMatcher } from './window-matcher.ts';

/** What a view tells. */
export interface ViewEvents {
  /** A connection is being opened. */
  connecting: undefined;
  /** The server has said who is logged in. */
  loggedIn: LoggedIn;
  /** The desktop's name is known, and its picture is on the way. */
  connected: undefined;
  /** The first picture of a connection is shown. */
  picture: undefined;
  /** The server has not answered for some seconds, or does so again. */
  stalled: boolean;
  /** `retryAtMs` is of `performance.now()`, and has a meaning only if the view connects again by itself. */
  disconnected: { readonly explanation: Explanation; readonly retryAtMs: number };
  name: string;
  rights: Rights;
  size: Size;
  /** Whether viewers may resize the desktop. */
  resizable: boolean;
  /** The desktop has copied something. */
  clipboard: ClipboardContent;
  /** What the server has measured of the connection, after `askStatistics`. */
  measured: Measured;
  /** A sentence for the user. */
  notice: string;
  /** What the page measures of its connection, once a second after `measure`. */
  stats: DeskwireViewStats;
  /** No key is down any more, not even those that `hold` has pressed. */
  keysReleased: undefined;
  /** The user has tried to use the desktop and may not. */
  refusedInput: undefined;
}

export interface ViewOptions extends DesktopPlace {
  readonly picture: PictureSettings;
  /** Whether to send no input. */
  readonly viewOnly: boolean;
}

/** The rights of a user whose server tells none. */
const ALL_BUT_OWNER: Rights = { read: true, write: true, owner: false };

/** A desktop in a page: its picture, its input and its clipboard. Everything around it is the page's. */
export class View {
  readonly events = new Emitter<ViewEvents>();
  readonly #parts: ViewParts;
  readonly #closed = new AbortController();
  readonly #screen: Screen;
  readonly #link: Link;
  readonly #sink: GuardedSink;
  readonly #keyboard: Keyboard;
  readonly #pointer: Pointer;
  readonly #touch: TouchInput;
  readonly #drawnPointer: DrawnPointer;
  readonly #clipboard: BrowserClipboard;
  readonly #matcher: WindowMatcher;
  /** Rights as the server last reported them. One that reports none refuses what is not allowed. */
  #rights: Rights | undefined;
  #mayRead = true;
  #canResize = false;

  constructor(parts: ViewParts, { picture, viewOnly, ...place }: ViewOptions) {
    this.#parts = parts;
    const { signal } = this.#closed;
    this.#screen = new Screen(parts.screen, parts.stage, signal);
    this.#link = this.#createLink(place, picture);
    this.#sink = new GuardedSink(this.#link, viewOnly);
    this.#sink.onRefused = () => this.events.emit('refusedInput', undefined);
    this.#keyboard = new Keyboard(parts.keys, this.#sink, platformOf(navigator), signal);
    this.#pointer = new Pointer(
      parts.screen,
      this.#sink,
      (event) => this.#screen.toDesktopPoint(event),
      signal,
    );
    this.#pointer.onPress = () => this.focus();
    this.#pointer.onModifiers = (event) => this.#keyboard.follow(event);
    this.#drawnPointer = new DrawnPointer(parts.pointer);
    const onPointer = ({ clientX, clientY }: { clientX: number; clientY: number }): void =>
      this.#drawnPointer.moveTo(clientX, clientY);
    this.#touch = new TouchInput(parts.screen, this.#sink, this.#screen, { onPointer }, signal);
    this.#screen.onPlaced = () => this.#touch.showPointer();
    this.#clipboard = new BrowserClipboard((content) => this.#sink.clipboard(content), signal);
    this.#keyboard.onReleased = () => this.events.emit('keysReleased', undefined);
    this.#keyboard.onPasted = (content) => this.#clipboard.pasted(content);
    const request = (size: Size, percent: number): void => this.requestSize(size, percent);
    this.#matcher = new WindowMatcher(this.#screen, request, signal);
  }

  /** Connects now, and again by itself after a break, unless that makes no sense. */
  connect(): void {
    this.#link.connect();
  }

  /** Ends the connection until `connect`, with this explanation. */
  disconnect(explanation: Explanation): void {
    this.#link.disconnect();
    this.#onDisconnected(explanation, 0);
  }

  /** Begins to tell `stats`. */
  measure(): void {
    this.#link.measure();
  }

  /** Ends the connection for good. */
  close(): void {
    this.releaseAll();
    this.#closed.abort();
    this.#link.close();
  }

  get hasPicture(): boolean {
    return this.#screen.hasPicture;
  }

  get mayWrite(): boolean {
    return this.#rights?.write !== false && !this.#sink.isClosed;
  }

  /** Whether no input is sent, whatever the user may do. */
  get isViewOnly(): boolean {
    return this.#sink.isClosed;
  }

  set isViewOnly(isOn: boolean) {
    if (isOn === this.#sink.isClosed) return;
    if (isOn) this.releaseAll();
    this.#sink.isClosed = isOn;
    this.#setResizable(this.#canResize);
    this.events.emit('rights', this.#rights ?? ALL_BUT_OWNER);
  }

  /** Keys go to the desktop. */
  focus(): void {
    this.#keyboard.focus();
  }

  /** Keys that the page takes for itself. */
  set isPageShortcut(isShortcut: (event: KeyboardEvent) => boolean) {
    this.#keyboard.isPageShortcut = isShortcut;
  }

  set isCommandControl(isControl: boolean) {
    this.#keyboard.isCommandControl = isControl;
  }

  set wheel(settings: WheelSettings) {
    this.#pointer.wheel = settings;
  }

  set scaleMode(mode: ScaleMode) {
    this.#screen.setMode(mode);
  }

  set picture(settings: PictureSettings) {
    this.#link.setPicture(settings);
  }

  set touchMode(mode: TouchMode) {
    this.#touch.setMode(mode);
    if (mode === 'direct') this.#drawnPointer.hide();
  }

  set isOnScreenKeyboardShown(isShown: boolean) {
    this.#keyboard.setOnScreen(isShown);
  }

  /** Keeps the desktop as large as the view. */
  set matchesWindow(isOn: boolean) {
    this.#matcher.setOn(isOn);
  }

  /** By how much programs enlarge everything on a desktop that is kept as large as the view. */
  set desktopScale(scale: DesktopScale) {
    this.#matcher.setScale(scale);
  }

  /** `scalePercent`: by how much programs are to enlarge everything; 0 leaves that as it is. */
  requestSize({ width, height }: Size, scalePercent = 0): void {
    this.#link.requestDesktopSize(width, height, scalePercent);
  }

  lockPointer(): Promise<void> {
    return this.#pointer.lock();
  }

  /** Presses keys in order and releases them in reverse. */
  chord(keys: readonly NamedKey[]): void {
    this.#keyboard.chord(keys);
  }

  /** Presses a key until it is released by this, or the view loses the keyboard. */
  hold(key: NamedKey, isDown: boolean): void {
    this.#keyboard.hold(key, isDown);
  }

  /** Puts a content on the desktop's clipboard. */
  sendClipboard(content: ClipboardContent): void {
    this.#clipboard.pasted(content);
    this.#sink.clipboard(content);
  }

  /** Asks the server for what it has measured of this connection. The answers are events. */
  askStatistics(): void {
    this.#link.askStatistics();
  }

  /** What the connection has received and drawn since it began. Undefined while there is none. */
  get totals(): Totals | undefined {
    return this.#link.totals;
  }

  /** The picture as it is shown, as a PNG. Undefined if there is none. */
  toPng(): Promise<Blob | undefined> {
    return new Promise((resolve) => {
      if (!this.hasPicture) resolve(undefined);
      else this.#parts.screen.toBlob((blob) => resolve(blob ?? undefined), 'image/png');
    });
  }

  #createLink(place: DesktopPlace, picture: PictureSettings): Link {
    const { events } = this;
    return new Link(place, picture, {
      onConnecting: () => events.emit('connecting', undefined),
      onLoggedIn: (who) => events.emit('loggedIn', who),
      onConnected: (name) => {
        this.#clipboard.connected();
        events.emit('name', name);
        events.emit('connected', undefined);
      },
      draw: (ops) => this.#screen.draw(ops),
      onRights: (rights) => this.#setRights(rights),
      onFirstPicture: () => {
        this.#screen.setStale(false);
        if (this.#mayRead) events.emit('picture', undefined);
      },
      onSize: (size) => events.emit('size', size),
      onName: (name) => events.emit('name', name),
      onCursor: (shape) => {
        const image = cursorImage(shape);
        this.#parts.screen.style.cursor = cssCursor(image);
        this.#drawnPointer.setShape(image);
      },
      onResizable: (canResize) => this.#setResizable(canResize),
      onClipboard: (content) => {
        this.#clipboard.copied(content);
        events.emit('clipboard', content);
      },
      onMeasured: (measured) => events.emit('measured', measured),
      onNotice: (text) => events.emit('notice', text),
      onStats: (stats) => events.emit('stats', stats),
      onStalled: (isStalled) => events.emit('stalled', isStalled),
      onDisconnected: (explanation, retryAtMs) => this.#onDisconnected(explanation, retryAtMs),
    });
  }

  #onDisconnected(explanation: Explanation, retryAtMs: number): void {
    this.#mayRead = true;
    this.#setResizable(false);
    this.releaseAll();
    this.#parts.screen.style.cursor = 'default';
    if (explanation.hidesPicture) this.#screen.hide();
    else this.#screen.setStale(true);
    this.events.emit('disconnected', { explanation, retryAtMs });
  }

  /** Releases every key and button. */
  releaseAll(): void {
    this.#pointer.releaseAll();
    this.#touch.releaseAll();
    this.#keyboard.releaseAll();
  }

  #setRights(rights: Rights): void {
    this.#rights = rights;
    this.#mayRead = rights.read;
    this.#sink.mayWrite = rights.write;
    this.#setResizable(this.#canResize);
    this.events.emit('rights', rights);
  }

  #setResizable(canResize: boolean): void {
    this.#canResize = canResize;
    const isPossible = canResize && this.mayWrite;
    this.#matcher.setPossible(isPossible);
    this.events.emit('resizable', isPossible);
  }
}
