import { profileKey } from '../../encode/plan/profile.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import { type Size, sameSize } from '../../pixels/rect.ts';
import type { Owed, Taker } from '../frame/taker.ts';
import { Lacks } from '../picture/lacks.ts';
import { DEFAULT_PROFILE } from '../picture/profile-of.ts';

/** Takes one frame that nobody watches, so that statistics are of real work: it is encoded, and dropped. */
export class UnwatchedFrame implements Taker {
  readonly profile = DEFAULT_PROFILE;
  readonly profileKey = profileKey(DEFAULT_PROFILE);
  readonly takesOpenUpdates = true;
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

  takeLacks(): Owed {
    return this.#lacks.take();
  }

  takeLacksAtTop(tileRows: number): Owed {
    return this.#lacks.takeTop(tileRows);
  }

  planned(): void {}
  begin(): void {}
  rect(): void {}
  done(): void {}
  failed(): void {}
}
