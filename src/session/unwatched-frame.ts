import { profileKey } from '../encode/profile.ts';
import { DirtyTiles } from '../pixels/dirty-tiles.ts';
import { type Size, sameSize } from '../pixels/rect.ts';
import type { Taker } from './update-pass.ts';
import { DEFAULT_PROFILE } from './wishes.ts';

/** Takes one frame that nobody watches, so that statistics are of real work: it is encoded, and dropped. */
export class UnwatchedFrame implements Taker {
  readonly profile = DEFAULT_PROFILE;
  readonly profileKey = profileKey(DEFAULT_PROFILE);
  readonly takesOpenUpdates = true;
  #lacks: DirtyTiles;

  constructor(size: Size) {
    this.#lacks = new DirtyTiles(size);
  }

  get lacksSomething(): boolean {
    return !this.#lacks.isEmpty;
  }

  damaged(changed: DirtyTiles): void {
    if (sameSize(changed.size, this.#lacks.size)) this.#lacks.merge(changed);
    else this.#lacks = changed.clone();
  }

  lackAll(): void {
    this.#lacks = DirtyTiles.whole(this.#lacks.size);
  }

  takeLacks(): DirtyTiles {
    const taken = this.#lacks;
    this.#lacks = new DirtyTiles(taken.size);
    return taken;
  }

  takeLacksAtTop(tileRows: number): DirtyTiles {
    return this.#lacks.takeTop(tileRows);
  }

  begin(): void {}
  rect(): void {}
  done(): void {}
  failed(): void {}
}
