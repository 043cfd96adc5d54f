import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DirtyTiles, tileCount, tilesAcross } from '../../pixels/dirty-tiles.ts';
import { MotionFinder } from '../../pixels/find-motion.ts';
import { createKernels, type Kernels } from '../../pixels/kernels/kernels.ts';
import { readComparison } from '../../pixels/motion.ts';
import { areaPx, intersect, type Rect, type Size, sameSize, wholeOf } from '../../pixels/rect.ts';
import { createSharedFrame, type SharedFrame } from '../../pixels/shared-frame.ts';
import { type ClipboardContent, NO_CONTENT, textContent, textOf } from '../../protocol/clipboard-content.ts';
import { compileKernels } from '../../threads/compile-kernels.ts';
import type {
  ArmedCapture,
  ArmOptions,
  Capture,
  CaptureOptions,
  ClipboardChange,
  CursorImage,
  Desktop,
  DesktopEvents,
  DesktopInput,
  WantedSize,
} from '../desktop.ts';
import { DesktopError } from '../errors.ts';
import { type DesktopScreen, dividingScreens, ScreenLayout } from '../screen-layout.ts';
import { clampSize } from '../size-limits.ts';

/** One event of a writer's DesktopInput, in the order of arrival. */
export type RecordedInput =
  | { readonly kind: 'move'; readonly x: number; readonly y: number }
  | { readonly kind: 'nudge'; readonly dx: number; readonly dy: number }
  | { readonly kind: 'button'; readonly button: number; readonly down: boolean }
  | { readonly kind: 'key'; readonly keysym: number; readonly down: boolean; readonly evdevKeycode: number };

export interface SyntheticDesktopOptions {
  readonly size: Size;
  /** Default: `size`. */
  readonly maxSize?: Size;
  /** Colour of the screen at the start, 0xrrggbb. */
  readonly colour?: number;
}

/**
 * A desktop with known pixels and without an X server, for tests and benches: captures contain exactly what was
 * painted. It uses the real shared frame and the real kernels, on the calling thread.
 */
export class SyntheticDesktop extends EventEmitter<DesktopEvents> implements Desktop {
  readonly display = ':synthetic';
  readonly maxSize: Size;
  readonly frame: SharedFrame;
  /** Receives the input of all writers. Tests may call it too. */
  readonly input: Omit<DesktopInput, 'whenTaking' | 'releaseAll' | 'close'>;
  /** Every call of `input`, oldest first. */
  readonly recorded: RecordedInput[] = [];
  /** Last argument of `setClipboard`. */
  clipboard: ClipboardContent = NO_CONTENT;
  /** Number of calls of `revive`, which returns false from `giveUp` to `bringBack`. */
  revivals = 0;
  readonly #kernels: Kernels;
  readonly #finder: MotionFinder;
  #screen: Uint32Array;
  #screenSize: Size;
  readonly #layout = new ScreenLayout();
  #damage: DirtyTiles;
  #size: Size;
  #cursor: CursorImage | undefined;
  #pointer = { x: 0, y: 0 };
  #hasCommitted = false;
  #uncommitted: Capture | undefined;
  #tellsDamage = false;
  /** Begins the armed capture. Returns false if it is too early for that. */
  #armed: (() => boolean) | undefined;
  #isLost = false;
  #isGivenUp = false;
  #isClosed = false;

  constructor({ size, maxSize = size, colour = 0 }: SyntheticDesktopOptions) {
    super();
    this.maxSize = maxSize;
    this.frame = createSharedFrame(maxSize);
    this.#kernels = createKernels(compileKernels(), this.frame);
    this.#finder = new MotionFinder(this.frame, this.#kernels);
    this.#size = size;
    this.#screenSize = size;
    this.#screen = new Uint32Array(areaPx(size)).fill(colour);
    this.#damage = DirtyTiles.whole(size);
    this.input = {
      movePointer: (x, y) => {
        this.#pointer = { x, y };
        this.recorded.push({ kind: 'move', x, y });
      },
      nudgePointer: (dx, dy) => {
        this.#pointer = { x: this.#pointer.x + dx, y: this.#pointer.y + dy };
        this.recorded.push({ kind: 'nudge', dx, dy });
      },
      button: (button, down) => this.recorded.push({ kind: 'button', button, down }),
      key: (keysym, down, evdevKeycode) => this.recorded.push({ kind: 'key', keysym, down, evdevKeycode }),
    };
    // A new desktop is damaged, and reports that once there can be listeners.
    this.#tellDamage();
  }

  openInput(): DesktopInput {
    const buttons = new Set<number>();
    const keys = new Map<string, [keysym: number, evdevKeycode: number]>();
    const releaseAll = (): void => {
      for (const button of buttons) this.input.button(button, false);
      for (const key of keys.values()) this.input.key(key[0], false, key[1]);
      buttons.clear();
      keys.clear();
    };
    return {
      movePointer: (x, y) => this.input.movePointer(x, y),
      nudgePointer: (dx, dy) => this.input.nudgePointer(dx, dy),
      button: (button, down) => {
        if (down) buttons.add(button);
        else buttons.delete(button);
        this.input.button(button, down);
      },
      key: (keysym, down, evdevKeycode) => {
        const id = `${keysym} ${evdevKeycode}`;
        if (down) keys.set(id, [keysym, evdevKeycode]);
        else keys.delete(id);
        this.input.key(keysym, down, evdevKeycode);
      },
      whenTaking: () => undefined,
      releaseAll,
      close: releaseAll,
    };
  }

  get screens(): readonly DesktopScreen[] {
    return this.#layout.at(this.size);
  }

  get size(): Size {
    return this.#size;
  }

  get cursor(): CursorImage | undefined {
    return this.#cursor;
  }

  /** Current size of the screen. `size` follows with the next frame. */
  get screenSize(): Size {
    return this.#screenSize;
  }

  /** Fills `rect` with a colour 0xrrggbb, or with rows of such colours. Pixels outside the screen are ignored. */
  paint(rect: Rect, colours: number | Uint32Array): void {
    const part = intersect(rect, wholeOf(this.#screenSize));
    if (!part) return;
    const { width } = this.#screenSize;
    for (let y = part.y; y < part.y + part.height; y++) {
      const at = y * width + part.x;
      if (typeof colours === 'number') {
        this.#screen.fill(colours, at, at + part.width);
      } else {
        const from = (y - rect.y) * rect.width + part.x - rect.x;
        this.#screen.set(colours.subarray(from, from + part.width), at);
      }
    }
    this.#drawn(part);
  }

  /** Moves the rows of `rect` up by `rows`, as a terminal does. The last rows stay unchanged. */
  scroll(rect: Rect, rows: number): void {
    const part = intersect(rect, wholeOf(this.#screenSize));
    if (!part) return;
    const { width } = this.#screenSize;
    for (let y = part.y; y + rows < part.y + part.height; y++) {
      const from = (y + rows) * width + part.x;
      this.#screen.copyWithin(y * width + part.x, from, from + part.width);
    }
    this.#drawn(part);
  }

  /** Returns the colour at a place on the screen, 0xrrggbb. */
  colourAt(x: number, y: number): number {
    return this.#screen[y * this.#screenSize.width + x]! & 0xffffff;
  }

  showCursor(image: CursorImage): void {
    this.#cursor = image;
    this.emit('cursor', image);
  }

  /** Text of the last argument of `setClipboard`. */
  get clipboardText(): string | undefined {
    return textOf(this.clipboard);
  }

  /** Behaves as if a program had copied text, or marked it. */
  copyText(text: string, how: ClipboardChange['how'] = 'copied'): void {
    this.copy({ content: textContent(text), how });
  }

  /** Behaves as if a program had copied something. */
  copy({ content = NO_CONTENT, tooLarge = [], how = 'copied' }: Partial<ClipboardChange>): void {
    this.emit('clipboard', { content, tooLarge, how });
  }

  /** Behaves as if the X server had died. */
  lose(): void {
    this.#isLost = true;
    this.#uncommitted = undefined;
    this.emit('lost', new DesktopError('DESKTOP_LOST'));
  }

  /** Behaves as if the X server kept ending: it is given up. */
  giveUp(): void {
    this.lose();
    this.#isGivenUp = true;
    this.emit('lost', new DesktopError('DESKTOP_GAVE_UP'));
  }

  /** Behaves as if the X server had been restarted. */
  bringBack(): void {
    this.#isLost = false;
    this.#isGivenUp = false;
    this.#tellsDamage = true;
    this.#hasCommitted = false;
    this.emit('back');
    this.#drawn(wholeOf(this.#screenSize));
  }

  revive(): boolean {
    this.revivals++;
    return !this.#isGivenUp;
  }

  async drawingReported(): Promise<void> {
    this.#check();
    // An X server answers in a later turn, too.
    await nextTurn();
  }

  async capture({ commitAtOnce = false, onTop }: CaptureOptions = {}): Promise<Capture> {
    this.#check();
    const start = performance.now();
    const size = this.#screenSize;
    const resized = !sameSize(size, this.#size);
    const everything = resized || !this.#hasCommitted;
    const damage = everything ? DirtyTiles.whole(size) : this.#damage;
    if (this.#uncommitted && sameSize(this.#uncommitted.size, size)) damage.merge(this.#uncommitted.changed);
    this.#damage = new DirtyTiles(size);
    this.#tellsDamage = true;
    const incoming = new Uint32Array(this.frame.memory.buffer, this.frame.incomingAt, areaPx(size));
    for (const rect of damage.rects(size.width)) {
      for (let y = rect.y; y < rect.y + rect.height; y++) {
        const at = y * size.width + rect.x;
        incoming.set(this.#screen.subarray(at, at + rect.width), at);
      }
    }
    const compareStart = performance.now();
    const boxes = new Uint32Array(this.frame.memory.buffer, this.frame.boxesAt, tileCount(size));
    damage.writeTo(boxes);
    const moved = everything ? [] : this.#finder.find(damage);
    this.#kernels.compare(size, { everything, moved, commitAtOnce });
    const end = performance.now();
    const capture = {
      size,
      resized,
      ...readComparison(this.frame, size, moved),
      readUs: Math.round((compareStart - start) * 1000),
      compareUs: Math.round((end - compareStart) * 1000),
    };
    this.#uncommitted = capture;
    if (commitAtOnce) {
      if (!everything && moved.length === 0) this.#tellTop(capture.changed, onTop);
      this.#settle();
    }
    return capture;
  }

  armCapture({ notBeforeMs, onTop }: ArmOptions): ArmedCapture | undefined {
    // Earlier damage has been reported, or is about to be.
    if (this.#isLost || this.#isClosed || !this.#tellsDamage) return undefined;
    let damagedAtMs = 0;
    let hasBegun = false;
    const { promise: captured, resolve } = Promise.withResolvers<Capture>();
    const begin = (): boolean => {
      damagedAtMs = performance.now();
      if (damagedAtMs < notBeforeMs) return false;
      hasBegun = true;
      resolve(this.capture({ commitAtOnce: true, onTop }));
      return true;
    };
    this.#armed = begin;
    return {
      captured,
      get hasBegun() {
        return hasBegun;
      },
      get damagedAtMs() {
        return damagedAtMs;
      },
      callOff: () => {
        if (this.#armed !== begin) return false;
        this.#armed = undefined;
        return true;
      },
    };
  }

  /** Reports the upper half as the top if more than that has changed. */
  #tellTop(changed: DirtyTiles, onTop: CaptureOptions['onTop']): void {
    const tileRows = tilesAcross(changed.size.height) >> 1;
    const top = changed.clone().takeTop(tileRows);
    if (!top.isEmpty && !top.equals(changed)) onTop?.({ tileRows, changed: top });
  }

  async commit(): Promise<void> {
    if (this.#isClosed) throw new DesktopError('DESKTOP_CLOSED');
    if (!this.#uncommitted) return;
    this.#kernels.commit(this.#uncommitted.size);
    this.#settle();
  }

  async resize(size: WantedSize): Promise<Size> {
    this.#check();
    const { width, height } = clampSize(size, this.maxSize);
    const old = { screen: this.#screen, size: this.#screenSize };
    this.#layout.set({ width, height }, dividingScreens(size.screens ?? [], { width, height }));
    if (sameSize({ width, height }, old.size)) return old.size;
    this.#screenSize = { width, height };
    this.#screen = new Uint32Array(width * height);
    const kept = Math.min(width, old.size.width);
    for (let y = 0; y < Math.min(height, old.size.height); y++) {
      const at = y * old.size.width;
      this.#screen.set(old.screen.subarray(at, at + kept), y * width);
    }
    this.#damage = new DirtyTiles(this.#screenSize);
    this.#drawn(wholeOf(this.#screenSize));
    return this.#screenSize;
  }

  async pointerPosition(): Promise<{ x: number; y: number }> {
    this.#check();
    return this.#pointer;
  }

  async setClipboard(content: ClipboardContent): Promise<void> {
    this.#check();
    this.clipboard = content;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #check(): void {
    if (this.#isClosed) throw new DesktopError('DESKTOP_CLOSED');
    if (this.#isLost) throw new DesktopError('DESKTOP_LOST');
  }

  #settle(): void {
    if (this.#uncommitted) this.#size = this.#uncommitted.size;
    this.#uncommitted = undefined;
    this.#hasCommitted = true;
  }

  #drawn(rect: Rect): void {
    this.#damage.add(rect);
    if (!this.#tellsDamage || this.#isLost || this.#isClosed) return;
    this.#tellsDamage = false;
    this.#tellDamage();
  }

  /** Reports damage in a later microtask, because a real desktop's damage comes later than the drawing too. */
  #tellDamage(): void {
    queueMicrotask(() => {
      if (this.#isLost || this.#isClosed) return;
      if (this.#armed?.()) this.#armed = undefined;
      else this.emit('damage');
    });
  }
}
