export type ScaleMode = 'fit' | 'actual';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Placement {
  /** Size of the canvas on the page, in CSS pixels. */
  readonly cssWidth: number;
  readonly cssHeight: number;
  /** Room to the left of the canvas and above it, in CSS pixels: whole device pixels, or it would be blurred. */
  readonly cssLeft: number;
  readonly cssTop: number;
  /** Device pixels per desktop pixel. */
  readonly scale: number;
  /** Whether the scale is a whole number: drawn without smoothing, every desktop pixel is a sharp block. */
  readonly isWhole: boolean;
}

/**
 * A scale above a whole number by less than this is rounded down to it. A larger value makes more pictures sharp, and
 * leaves a wider margin.
 */
const SNAP = 0.005;

/** How the picture is shown. */
export interface Scaling {
  readonly mode: ScaleMode;
  /** By how much the user has enlarged the picture: from 1 to MOST_ZOOM. */
  readonly zoom: number;
}

/** A larger value shows single pixels larger; beyond it nothing can be recognised. */
export const MOST_ZOOM = 8;

/**
 * Computes where the desktop's picture goes in a window with `room` for so many device pixels.
 *
 * `fit` shows the whole desktop as large as possible. `actual` gives each desktop pixel one device pixel at any
 * zoom of the browser. What does not fit can be scrolled to.
 */
export function placeDesktop(
  desktop: Size,
  room: Size,
  devicePixelRatio: number,
  { mode, zoom }: Scaling,
): Placement {
  const ratio = devicePixelRatio > 0 ? devicePixelRatio : 1;
  let scale = 1;
  if (mode === 'fit' && desktop.width > 0 && desktop.height > 0) {
    scale = Math.min(room.width / desktop.width, room.height / desktop.height);
    const whole = Math.round(scale);
    if (whole >= 1 && scale >= whole && scale - whole < SNAP) scale = whole;
  }
  scale *= zoom;
  const [width, height] = [desktop.width * scale, desktop.height * scale];
  const before = (rest: number): number => Math.max(0, Math.floor(rest / 2)) / ratio;
  return {
    cssWidth: width / ratio,
    cssHeight: height / ratio,
    cssLeft: before(room.width - width),
    cssTop: before(room.height - height),
    scale,
    isWhole: Number.isInteger(scale),
  };
}

/**
 * The room for a desktop, in device pixels. `told` is what the browser tells of it, `guess` what follows from its size
 * in CSS pixels, which the browser has rounded. A browser that only plays a dense screen tells other pixels than it
 * shows.
 */
export function exactRoom(guess: Size, told: Size | undefined, devicePixelRatio: number): Size {
  const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(1, devicePixelRatio);
  return told && isNear(told.width, guess.width) && isNear(told.height, guess.height) ? told : guess;
}

/**
 * Maps a point on the page to the desktop. The result is kept inside the desktop, because a drag may leave the
 * picture.
 */
export function toDesktopPoint(
  point: { readonly clientX: number; readonly clientY: number },
  box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
  desktop: Size,
): { x: number; y: number } {
  const x = Math.floor(((point.clientX - box.left) / box.width) * desktop.width);
  const y = Math.floor(((point.clientY - box.top) / box.height) * desktop.height);
  return { x: within(x, desktop.width), y: within(y, desktop.height) };
}

function within(value: number, size: number): number {
  return Math.max(0, Math.min(size - 1, Number.isFinite(value) ? value : 0));
}
