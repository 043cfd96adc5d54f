import { type DirtyTiles, tilesAcross } from '../dirty-tiles.ts';
import { isPhotoLike } from '../photo-like.ts';
import type { SharedFrame } from '../shared-frame.ts';

/** Whether most of the damaged tiles show a photograph or a film now, before the damage is captured. */
export function showsMostlyPhoto({ memory, coloursAt }: SharedFrame, damage: DirtyTiles): boolean {
  const colours = new Uint16Array(memory.buffer, coloursAt);
  const across = tilesAcross(damage.size.width);
  let balance = 0;
  damage.forEach((_box, tileX, tileY) => {
    balance += isPhotoLike(colours[tileY * across + tileX]!) ? 1 : -1;
  });
  return balance > 0;
}
