import { profileKey } from '../../encode/plan/profile.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import { type Size, sameSize } from '../../pixels/rect.ts';
import type { NextUpdate, OpenUpdate, Owed, Taker, UpdatePart, UpdatePlan } from '../frame/taker.ts';
import { Lacks } from '../picture/lacks.ts';
import { DEFAULT_PROFILE } from '../picture/profile-from-settings.ts';

const KEY = profileKey(DEFAULT_PROFILE);

/**
 * Takes one frame while no viewer is ready, and drops what is encoded: get_frame_stats then reports real work although
 * no viewer is sent it.
 */
export class UnwatchedFrame implements Taker, OpenUpdate, UpdatePart {
  readonly takesTopFirst = true;
  readonly encoder = undefined;
  readonly encoding = DEFAULT_PROFILE.encoding;
  nextTile = 0;
  readonly #lacks: Lacks;

  constructor(size: Size) {
    this.#lacks = new Lacks(size);
  }

  get lacksSomething(): boolean {
    return !this.#lacks.isEmpty;
  }

  damaged(changed: DirtyTiles): void {
    if (sameSize(changed.size, this.#lacks.size)) this.#lacks.changed(changed);
    else this.#lacks.all(changed.size);
  }

  lackAll(): void {
    this.#lacks.all(this.#lacks.size);
  }

  take(): UpdatePlan {
    return planOf(this.#lacks.take());
  }

  takeTop(tileRows: number): UpdatePlan {
    return planOf(this.#lacks.takeTop(tileRows));
  }

  get next(): NextUpdate {
    return { tiles: this.#lacks.tiles, sharpeningPx: 0, profile: DEFAULT_PROFILE, key: KEY };
  }

  giveBack(tiles: DirtyTiles): void {
    this.#lacks.giveBack(tiles);
  }

  begin(): OpenUpdate {
    return this;
  }

  part(): UpdatePart {
    return this;
  }

  rect(): void {}
  end(): void {}
  failed(): void {}
}

const planOf = (owed: Owed): UpdatePlan => ({ owed, profile: DEFAULT_PROFILE, key: KEY });
