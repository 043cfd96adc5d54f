import type { EventEmitter } from 'node:events';
import type { DirtyTiles } from '../pixels/dirty-tiles.ts';
import type { Motion } from '../pixels/motion.ts';
import type { Size } from '../pixels/rect.ts';
import type { SharedFrame } from '../pixels/shared-frame.ts';
import type { ClipboardContent, ClipboardFormat } from '../protocol/clipboard-content.ts';
import type { DesktopScreen } from './screen-layout.ts';

/** A size of the desktop that a viewer asks for. */
export interface WantedSize extends Size {
  /** Per cent by which the viewer's screen enlarges everything, such as 200. Undefined if the viewer does not say. */
  readonly scalePercent?: number | undefined;
  /** Screens that the viewer shows it on. One screen if they are left out, or cannot be. */
  readonly screens?: readonly DesktopScreen[];
}

/** Shape of the mouse pointer. */
export interface CursorImage {
  readonly width: number;
  readonly height: number;
  readonly hotX: number;
  readonly hotY: number;
  /** width × height × 4 bytes, BGRA, with colour premultiplied by alpha, as XFixes sends it. */
  readonly pixels: Uint8Array;
}

/** Result of one capture of the desktop. */
export interface Capture {
  /** Size of the desktop when it was captured. */
  readonly size: Size;
  /** Whether `size` differs from that of the last committed picture. If so, `changed` has everything. */
  readonly resized: boolean;
  /** The pixels that differ from the last committed picture. */
  readonly changed: DirtyTiles;
  /** The part of `changed` that only moved since the last committed picture, if it is large. */
  readonly motion: Motion | undefined;
  /** Microseconds spent copying pixels out of the X server, over all threads. */
  readonly readUs: number;
  /** Microseconds spent comparing them with the last committed picture, over all threads. */
  readonly compareUs: number;
}

export interface CaptureOptions {
  /**
   * Also commits the changes, which saves a millisecond at 1080p. No thread may read `shown` meanwhile. A later
   * `commit` does nothing.
   */
  readonly commitAtOnce?: boolean;
  /**
   * Called at most once with `commitAtOnce`, while a large change is being captured: its top is in `shown` and may be
   * read from now on, while the rows below are still being written. The capture's `changed` includes the top.
   */
  readonly onTop?: (top: CapturedTop) => void;
}

/** Upper part of a capture that is under way. */
export interface CapturedTop {
  /** Number of rows of tiles, from the top. */
  readonly tileRows: number;
  /** The pixels that changed in them. */
  readonly changed: DirtyTiles;
}

export interface ArmOptions {
  /** Time by performance.now(). Earlier damage is reported instead of captured. */
  readonly notBeforeMs: number;
  /** As for `capture`. */
  readonly onTop?: (top: CapturedTop) => void;
}

/** A capture that begins by itself when damage comes. */
export interface ArmedCapture {
  /** Settles as `capture` does. Never settles if the capture is called off before it begins. */
  readonly captured: Promise<Capture>;
  /** Whether damage has begun the capture. */
  readonly hasBegun: boolean;
  /** Time by performance.now() at which damage began the capture. Undefined in meaning until then. */
  readonly damagedAtMs: number;
  /** Calls the capture off. Returns false if it has begun: it is under way until `captured` settles. */
  callOff(): boolean;
}

/** A program has copied or marked something. Each change is an object of its own. */
export interface ClipboardChange {
  /** Empty if there is nothing in a form that viewers can use, or all of it is too large. */
  readonly content: ClipboardContent;
  /** Forms that the program has, and that are too large to be read. */
  readonly tooLarge: readonly ClipboardFormat[];
  /**
   * Whether it was copied (CLIPBOARD) or marked (PRIMARY). `marked only`: by a program that has no CLIPBOARD, so that
   * its users mark what they want to copy.
   */
  readonly how: 'copied' | 'marked' | 'marked only';
}

export interface DesktopEvents {
  /**
   * A program drew something since the last capture began. Emitted once until the next capture begins. The capture may
   * have no change, if the program drew the same pixels again. A new desktop emits it right after it was handed out.
   */
  damage: [];
  cursor: [CursorImage];
  /**
   * The X server went away or stopped answering. The pictures stay as they were, and `capture` and `resize` are refused
   * until `back`. A second event with a DesktopError `DESKTOP_GAVE_UP` means that the server comes back only if `revive`
   * is called, and that another attempt may fail in the same way.
   */
  lost: [Error];
  /** The X server is back, possibly with another size. Everything is damaged. */
  back: [];
  /** A program in the desktop has copied or marked something. */
  clipboard: [ClipboardChange];
  /** What was reported as copied last can be pasted no more: its program is gone, or another one has copied files. */
  clipboardLost: [];
}

/** A desktop as the session sees it: pixels out, input in. After `close`, other calls reject with `DESKTOP_CLOSED`. */
export interface Desktop extends EventEmitter<DesktopEvents> {
  /** X display, such as ":1". */
  readonly display: string;
  readonly maxSize: Size;
  readonly frame: SharedFrame;
  /** Size of the last committed picture, which encoders read. */
  readonly size: Size;
  /** The screens that it is divided into, as the last request for its size wanted. None: it is one screen. */
  readonly screens: readonly DesktopScreen[];
  readonly cursor: CursorImage | undefined;
  /**
   * To be called when a client needs the desktop. If its X server was given up, it is tried once more, not more often
   * than every few seconds. Returns whether the desktop is there or is being brought back.
   */
  revive(): boolean;
  /** Resolves with the position of the pointer, in pixels. */
  pointerPosition(): Promise<{ x: number; y: number }>;

  /**
   * Resolves when all that programs drew before this call has been reported by `damage`, or has begun an armed capture.
   * Without either by then, the committed picture is what the screen shows. May be called at any time.
   */
  drawingReported(): Promise<void>;

  /**
   * Reads the damaged pixels into `incoming` and compares them with `shown`. Encoders may read `shown` meanwhile. One
   * capture runs at a time, and each is committed before the next one.
   */
  capture(options?: CaptureOptions): Promise<Capture>;
  /**
   * Arms a capture: the next damage is captured and committed as it comes, without a `damage` event. That saves a frame
   * two messages between threads. Until the capture is called off or done, no thread may read `shown`, and `capture` is
   * refused. Returns undefined if the display is lost, damaged already, or has another capture to finish or commit.
   */
  armCapture(options: ArmOptions): ArmedCapture | undefined;
  /** Copies the changes of the last capture into `shown`. No thread may read `shown` meanwhile. */
  commit(): Promise<void>;

  /**
   * Changes the desktop's size, clamped to between 64 × 64 and `maxSize`, and tells its programs the scale if there is
   * one. Resolves with its size afterwards. Rejects with `DESKTOP_MONITORS` if an attached display has several monitors.
   */
  resize(size: WantedSize): Promise<Size>;

  /** Opens the input of one more writer. The caller closes it. */
  openInput(): DesktopInput;
  /**
   * Offers a content to the desktop's programs as CLIPBOARD, and its text as PRIMARY unless the user has marked text in
   * the program that has the keyboard. An empty content clears both.
   */
  setClipboard(content: ClipboardContent): Promise<void>;

  /** Ends all that the desktop started. Resolves when it is gone; later calls return the same promise. */
  close(): Promise<void>;
}

/**
 * One writer's input into the desktop, such as that of one viewer. Values out of range are clamped or ignored, because
 * they come from viewers. Input may have to wait: a writer's own input keeps its order, and the input of others goes
 * on. What waits is bounded: pointer moves are merged, and a writer of many presses waits for `whenTaking`. Presses of one
 * that does not are dropped. The release of a press that was taken is never dropped.
 */
export interface DesktopInput {
  movePointer(x: number, y: number): void;
  /** Moves the pointer by a distance. */
  nudgePointer(dx: number, dy: number): void;
  /**
   * X button number 1-10 (4-7 are wheel steps). With `at` the pointer is moved there in the same step, so that no other
   * writer's motion comes between.
   */
  button(button: number, down: boolean, at?: { readonly x: number; readonly y: number }): void;
  /**
   * `keysym` as in X. `evdevKeycode` is the physical key if the viewer named it (QEMU extended key), else 0. A release
   * has the same two numbers as its press.
   */
  key(keysym: number, down: boolean, evdevKeycode: number): void;
  /**
   * Undefined if presses are taken. Otherwise resolves when they are, or when what waits was dropped, or the input was
   * closed.
   */
  whenTaking(): Promise<void> | undefined;
  /** Drops what waits, and releases every key and button that this writer holds down. */
  releaseAll(): void;
  /** Does the same as `releaseAll`, and takes no input any more. */
  close(): void;
}
