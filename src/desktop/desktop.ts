import type { EventEmitter } from 'node:events';
import type { DirtyTiles } from '../pixels/dirty-tiles.ts';
import type { Motion } from '../pixels/motion.ts';
import type { Size } from '../pixels/rect.ts';
import type { SharedFrame } from '../pixels/shared-frame.ts';

/** The pointer's picture. */
export interface CursorImage {
  readonly width: number;
  readonly height: number;
  readonly hotX: number;
  readonly hotY: number;
  /** width × height × 4 bytes, BGRA, colour premultiplied by alpha, as XFixes tells it. */
  readonly pixels: Uint8Array;
}

/** What one look at the desktop found. */
export interface Capture {
  /** The desktop's size at that moment. */
  readonly size: Size;
  /** Whether `size` differs from the last committed one; then everything is in `changed`. */
  readonly resized: boolean;
  /** What differs from the picture last committed. */
  readonly changed: DirtyTiles;
  /** What of `changed` is content that moved since the picture last committed, where much of it is. */
  readonly motion: Motion | undefined;
  /** Time spent copying pixels out of the X server, over all threads, microseconds. */
  readonly readUs: number;
  /** Time spent finding out what changed in them, over all threads, microseconds. */
  readonly compareUs: number;
}

export interface CaptureOptions {
  /**
   * Also commit what was found, in the same go: a millisecond less at 1080p. Only while nobody reads `shown`.
   * The `commit` that follows has nothing left to do.
   */
  readonly commitAtOnce?: boolean;
  /**
   * With `commitAtOnce`: called at most once, before a capture of a large change is over, when its upper part is
   * in `shown` already. That part may be read from then on; what lies below is still being written. The
   * capture's `changed` has all of it, the upper part too.
   */
  readonly onTop?: (top: CapturedTop) => void;
}

/** The upper part of a capture that is still going on. */
export interface CapturedTop {
  /** Rows of tiles that are done, from the top. */
  readonly tileRows: number;
  /** What changed in them. */
  readonly changed: DirtyTiles;
}

export interface ArmOptions {
  /** Damage before this moment is told of, and captured by nobody; performance.now(). */
  readonly notBeforeMs: number;
  /** As for `capture`. */
  readonly onTop?: (top: CapturedTop) => void;
}

/** A capture that begins by itself when damage comes. */
export interface ArmedCapture {
  /** What it found. As `capture`; never settles where it was called off before it began. */
  readonly captured: Promise<Capture>;
  /** When the damage came that began it, by performance.now(); means nothing before. */
  readonly damagedAtMs: number;
  /** Has it not happen. False where it has begun: then it is under way until `captured` settles. */
  callOff(): boolean;
}

export interface DesktopEvents {
  /**
   * Something was drawn since the last capture began. Sent once; the next capture lets it be sent again. A capture may
   * still find nothing: the same pixels were drawn again. A new desktop is damaged, and says so right after it
   * was handed out.
   */
  damage: [];
  cursor: [CursorImage];
  /**
   * The X server went away; the pictures stay as they were. `capture` and `resize` are refused till `back`.
   * A second one with a DesktopError `DESKTOP_GAVE_UP` says that it will not come back.
   */
  lost: [Error];
  /** It is there again, possibly of another size; everything is damaged. */
  back: [];
  /** A program in the desktop owns new clipboard text. */
  clipboard: [string];
}

/**
 * A desktop as the session sees it: pixels out, input in. All calls but `close` are refused with a
 * DesktopError `DESKTOP_CLOSED` after `close`.
 */
export interface Desktop extends EventEmitter<DesktopEvents> {
  /** X display, such as ":1". */
  readonly display: string;
  readonly maxSize: Size;
  readonly frame: SharedFrame;
  /** Size of the picture last committed: what encoders read. */
  readonly size: Size;
  readonly cursor: CursorImage | undefined;
  /** Where the pointer is now, in pixels. */
  pointerPosition(): Promise<{ x: number; y: number }>;

  /**
   * Reads what was damaged into `incoming` and compares it with `shown`. May overlap encoding. One at a
   * time; every capture is followed by one commit before the next capture.
   */
  capture(options?: CaptureOptions): Promise<Capture>;
  /**
   * Has the next damage captured as it comes, and committed at once, without `damage` being sent for it: two messages
   * between threads less on a frame's way. From now on nobody may read `shown`, and `capture` is refused, before it is
   * called off or has captured. Undefined where there is no display, damage already, or another capture to finish or commit.
   */
  armCapture(options: ArmOptions): ArmedCapture | undefined;
  /** Moves the last capture's changes into `shown`. Nobody may be reading `shown`. */
  commit(): Promise<void>;

  /** Changes the desktop's size, clamped to `maxSize`. Resolves with the size it now has. */
  resize(size: Size): Promise<Size>;

  /** Opens the input of one more writer. The caller closes it. */
  openInput(): DesktopInput;
  /** Offers text to the desktop's programs as CLIPBOARD and PRIMARY; undefined clears both. */
  setClipboard(text: string | undefined): Promise<void>;

  /** Ends everything the desktop started, once; resolves when it is gone. */
  close(): Promise<void>;
}

/**
 * One writer's input into the desktop, such as that of one viewer. Values out of range are clamped or ignored, because they
 * come from viewers. Input may have to wait: a writer's own input keeps its order, and the input of others goes on. What
 * waits is bounded: pointer moves are merged, and presses of keys and buttons are dropped when too many wait. The release
 * of a press that was taken is never dropped.
 */
export interface DesktopInput {
  movePointer(x: number, y: number): void;
  /** Moves the pointer by a distance. */
  nudgePointer(dx: number, dy: number): void;
  /** X button number 1-10 (4-7 are wheel steps). */
  button(button: number, down: boolean): void;
  /**
   * `keysym` as in X. `evdevKeycode` is the physical key if the viewer named it (QEMU extended key), else 0. A release has
   * the same two numbers as its press.
   */
  key(keysym: number, down: boolean, evdevKeycode: number): void;
  /** Drops what waits, and releases every key and button that this writer holds down. */
  releaseAll(): void;
  /** Does the same as `releaseAll`, and takes no input any more. */
  close(): void;
}
