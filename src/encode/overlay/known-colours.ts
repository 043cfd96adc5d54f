import { TILE_SIZE, tilesAcross } from '../../pixels/dirty-tiles.ts';
import { isWithin, type Size } from '../../pixels/rect.ts';
import { visibleRect } from '../../pixels/visible-region.ts';
import type { Overlay } from './overlay.ts';

/**
 * The colour counts of tiles as far as a viewer may know them: a tile that is concealed, even in part, has none. The
 * encoding of a rect follows from the counts, so that the real ones would tell where concealed pictures are.
 */
export function knownColours(colours: Uint16Array, overlay: Overlay | undefined, screen: Size): Uint16Array {
  if (!overlay?.visible) return colours;
  const visible = visibleRect(overlay.visible, screen);
  const across = tilesAcross(screen.width);
  return colours.map((count, at) => {
    const x = (at % across) * TILE_SIZE;
    const y = Math.floor(at / across) * TILE_SIZE;
    const width = Math.min(TILE_SIZE, screen.width - x);
    const height = Math.min(TILE_SIZE, screen.height - y);
    return isWithin({ x, y, width, height }, visible) ? count : 0;
  });
}
