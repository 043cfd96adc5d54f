import { intersect, type Rect, type Size, sameSize, wholeOf } from '../pixels/rect.ts';

/** A part of the desktop that a viewer shows on a screen of its own. */
export interface DesktopScreen extends Rect {
  /** Number that the viewer gave it. */
  readonly id: number;
}

/**
 * Most screens of a desktop. Each is a monitor of the X server, of which all programs are told. With fewer, a viewer of
 * many windows gets one screen; with more, each new layout keeps the X server busy for longer.
 */
export const MOST_SCREENS = 16;

/**
 * Returns the screens if they divide a desktop of that size: at least two, each with pixels, all of them within it, with
 * different numbers. Returns none if the desktop is to be one screen.
 */
export function dividingScreens(screens: readonly DesktopScreen[], size: Size): readonly DesktopScreen[] {
  if (screens.length < 2 || screens.length > MOST_SCREENS) return [];
  const isWithin = (screen: DesktopScreen): boolean => {
    const inside = intersect(screen, wholeOf(size));
    return inside !== undefined && sameSize(inside, screen);
  };
  const ids = new Set(screens.map(({ id }) => id));
  return ids.size === screens.length && screens.every(isWithin) ? screens : [];
}

/** The screens that a desktop is divided into while it has one size. */
export class ScreenLayout {
  #size: Size = { width: 0, height: 0 };
  #screens: readonly DesktopScreen[] = [];

  set(size: Size, screens: readonly DesktopScreen[]): void {
    this.#size = size;
    this.#screens = screens;
  }

  /** Returns the screens of a desktop of that size. None: the desktop is one screen. */
  at(size: Size): readonly DesktopScreen[] {
    return sameSize(size, this.#size) ? this.#screens : [];
  }
}
