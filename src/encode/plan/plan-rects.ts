import { type DirtyTiles, TILE_SIZE, tilesAcross } from '../../pixels/dirty-tiles.ts';
import { isPhotoLike } from '../../pixels/photo-like.ts';
import { areaPx, type Rect } from '../../pixels/rect.ts';
import type { JpegQuality } from '../../protocol/quality.ts';
import type { PictureEncoding } from '../../protocol/settings-from-encodings.ts';
import { TIGHT_MAX_WIDTH } from '../../protocol/tight.ts';
import { isScaledDown, planVideo } from './plan-video.ts';
import { type EncodeProfile, jpegKey, sharpensAsWebp, type WebpUse } from './profile.ts';
import type { ScaledTo } from './video-scaling.ts';
import { type WebpQuality, webpQualityOf } from './webp-quality.ts';

/** Encoding of a rect. `lossless` is fill, palette or full colour by zlib, depending on its pixels. */
export type Method =
  | { readonly name: Exclude<PictureEncoding, 'tight'> }
  | { readonly name: 'lossless' }
  | { readonly name: 'jpeg'; readonly jpeg: JpegQuality }
  | { readonly name: 'webp'; readonly webp: WebpQuality };

export interface PlannedRect {
  readonly rect: Rect;
  readonly method: Method;
  /** Size of the smaller picture that is sent for the rect; the viewer scales it up. Undefined for full size. */
  readonly scaledTo?: ScaledTo;
}

/** Facts about the picture that rects are cut from. */
export interface PictureKnowledge {
  /** Colours of each tile, as in SharedFrame. */
  readonly colours: Uint16Array;
  /** Whether a tile keeps changing. */
  readonly isMoving: (tileX: number, tileY: number) => boolean;
}

const LOSSLESS: Method = { name: 'lossless' };
const jpeg = (quality: JpegQuality): Method => ({ name: 'jpeg', jpeg: quality });
const LOSSLESS_WEBP: Method = { name: 'webp', webp: 'lossless' };

/** Whether a rect that is encoded like this is sharpened once it holds still. */
export const hasLoss = (method: Method): boolean =>
  method.name === 'jpeg' || (method.name === 'webp' && method.webp !== 'lossless');

/** Text that is equal for methods that lead to equal bytes. */
export const methodKey = (method: Method): string => {
  if (method.name === 'jpeg') return jpegKey(method.jpeg);
  return method.name === 'webp' ? `webp ${method.webp}` : method.name;
};

/**
 * Least pixels of a JPEG or a WebP; smaller rects are sent without loss. With fewer, the 600 bytes of JPEG's tables
 * cost more than JPEG saves.
 */
const JPEG_LEAST_PX = 32 * 32;

/**
 * Pixels of a strip that a large rect is cut into. Larger strips keep encoder threads idle and let a viewer wait longer
 * for the first one. Smaller ones cost more: each has a fixed cost of about 60 µs.
 */
export const STRIP_PX = 384 * 1024;

/** Pixels of the first strips of a rect. They are smaller, so that the viewer begins to decode earlier. */
export const FIRST_STRIP_PX = 120 * 1024;

/**
 * Pixels of a WebP strip, which takes a thread 3 to 5 ms. WebP is ten times slower than JPEG. Larger strips let the
 * frame wait for one thread, smaller ones compress worse.
 */
const WEBP_STRIP_PX = 64 * 1024;

/**
 * Most pixels of a rect of an encoding other than Tight, which takes a thread about 2 ms as ZRLE, zlib or Hextile, and 1
 * ms as Raw. The frames of other viewers wait for the rect that is being encoded, so a larger value makes them later; a
 * smaller one compresses worse, and has more rects with their fixed cost of 60 µs.
 */
export const OLDER_RECT_PX = { raw: 128 * 1024, others: 48 * 1024 };

/** Height of a strip is a multiple of this many rows, so that no JPEG block is cut in two. */
const STRIP_STEP = 32;

/**
 * Cuts dirty tiles into rects and decides how each is encoded. Together the rects cover all of `dirty`. At most
 * `webpPx` pixels become WebP, if the profile allows WebP for changes.
 */
export function planRects(
  dirty: DirtyTiles,
  { colours, isMoving }: PictureKnowledge,
  { encoding, lossy, webp, video }: EncodeProfile,
  webpPx = 0,
): PlannedRect[] {
  if (encoding !== 'tight') return olderRects(dirty, encoding);
  if (!lossy) return cutAll(dirty.rects(TIGHT_MAX_WIDTH), LOSSLESS);
  if (video && isScaledDown(dirty.size, video)) {
    const bands = planVideo(dirty, video).map((band) => ({ ...band, method: jpeg(lossy.moving) }));
    return webp?.changes ? withWebp(bands, webp, webpPx) : bands;
  }
  const { flat, photo } = byKind(dirty, colours);
  const { yes: moving, no: changed } = photo.partition(isMoving);
  const jpegs = [...photoRects(moving, jpeg(lossy.moving)), ...photoRects(changed, jpeg(lossy.changed))];
  return [
    ...(webp?.changes ? withWebp(jpegs, webp, webpPx) : jpegs),
    ...cutAll(flat.rects(TIGHT_MAX_WIDTH), LOSSLESS),
  ];
}

/**
 * Cuts what a viewer was sent with loss, and what holds still by now, into rects at the best quality. WebP without loss
 * is exact, and takes fewer bytes than JPEG of the best quality.
 */
export function planSharpening(
  blurred: DirtyTiles,
  { colours }: PictureKnowledge,
  { encoding, lossy, webp }: EncodeProfile,
): PlannedRect[] {
  // The viewer listed Tight when it was sent the loss.
  if (encoding !== 'tight') return olderRects(blurred, encoding);
  const asWebp = sharpensAsWebp({ webp });
  const method = asWebp ? LOSSLESS_WEBP : lossy?.still && jpeg(lossy.still);
  if (!method) return cutAll(blurred.rects(TIGHT_MAX_WIDTH), LOSSLESS);
  const { flat, photo } = byKind(blurred, colours);
  return [
    ...photoRects(photo, method, asWebp ? webpStrips : cutIntoStrips),
    ...cutAll(flat.rects(TIGHT_MAX_WIDTH), LOSSLESS),
  ];
}

function byKind(dirty: DirtyTiles, colours: Uint16Array): { flat: DirtyTiles; photo: DirtyTiles } {
  const across = tilesAcross(dirty.size.width);
  const { yes: flat, no: photo } = dirty.partition(
    (tileX, tileY) => !isPhotoLike(colours[tileY * across + tileX] ?? 0),
  );
  return { flat, photo };
}

/**
 * Rects of photo-like tiles. They touch no other tile: loss must not reach text that is sharp or is sent with them.
 */
function photoRects(
  tiles: DirtyTiles,
  method: Method,
  cut: (rect: Rect) => Rect[] = cutIntoStrips,
): PlannedRect[] {
  return tiles
    .rects(TIGHT_MAX_WIDTH, 'dirty tiles')
    .flatMap(cut)
    .map((rect) => smallIsLossless({ rect, method }));
}

function smallIsLossless(planned: PlannedRect): PlannedRect {
  const { width, height } = planned.rect;
  return width * height < JPEG_LEAST_PX ? { rect: planned.rect, method: LOSSLESS } : planned;
}

/** Replaces JPEG by WebP in the first of these rects, up to that many pixels. */
function withWebp(planned: readonly PlannedRect[], webp: WebpUse, maxPx: number): PlannedRect[] {
  let leftPx = maxPx;
  return planned.flatMap((one) => {
    if (one.method.name !== 'jpeg') return one;
    const method = webpLike(one.method.jpeg, webp);
    if (one.scaledTo) {
      // A scaled picture can't be cut in two.
      if (areaPx(one.scaledTo) > leftPx) return one;
      leftPx -= areaPx(one.scaledTo);
      return { ...one, method };
    }
    const { x, y, width, height } = one.rect;
    const fitting = Math.floor(leftPx / width);
    const rows = fitting >= height ? height : fitting - (fitting % STRIP_STEP);
    // Once a rect does not fit, no later, narrower rect uses up the remainder.
    leftPx = rows < height ? 0 : leftPx - width * height;
    const top = webpStrips({ x, y, width, height: rows }).map((rect) => ({ rect, method }));
    const rest = { rect: { x, y: y + rows, width, height: height - rows }, method: one.method };
    return rows < height ? [...top, rest] : top;
  });
}

function webpLike({ quality }: JpegQuality, { mostQuality = quality }: WebpUse): Method {
  return { name: 'webp', webp: webpQualityOf(Math.min(quality, mostQuality)) };
}

function webpStrips(rect: Rect): Rect[] {
  const rows = Math.max(STRIP_STEP, Math.floor(WEBP_STRIP_PX / rect.width / STRIP_STEP) * STRIP_STEP);
  return Array.from({ length: Math.ceil(rect.height / rows) }, (_, i) => ({
    ...rect,
    y: rect.y + i * rows,
    height: Math.min(rows, rect.height - i * rows),
  }));
}

function olderRects(tiles: DirtyTiles, name: Exclude<PictureEncoding, 'tight'>): PlannedRect[] {
  const mostPx = name === 'raw' ? OLDER_RECT_PX.raw : OLDER_RECT_PX.others;
  return tiles
    .rects(TIGHT_MAX_WIDTH)
    .flatMap((rect) => cutIntoBlocks(rect, mostPx))
    .map((rect) => ({ rect, method: { name } }));
}

/** Cuts a rect into blocks of whole tiles and about equal widths, row by row. */
function cutIntoBlocks({ x, y, width, height }: Rect, mostPx: number): Rect[] {
  const tiles = Math.ceil(width / TILE_SIZE);
  const across = Math.ceil(tiles / Math.floor(mostPx / TILE_SIZE ** 2));
  const columns = Math.ceil(tiles / across) * TILE_SIZE;
  const rows = Math.max(1, Math.floor(mostPx / columns / TILE_SIZE)) * TILE_SIZE;
  const blocks: Rect[] = [];
  for (let top = 0; top < height; top += rows)
    for (let left = 0; left < width; left += columns)
      blocks.push({
        x: x + left,
        y: y + top,
        width: Math.min(columns, width - left),
        height: Math.min(rows, height - top),
      });
  return blocks;
}

function cutAll(rects: readonly Rect[], method: Method): PlannedRect[] {
  return rects.flatMap(cutIntoStrips).map((rect) => ({ rect, method }));
}

/** Cuts a rect into strips of its full width. The first have FIRST_STRIP_PX pixels, later ones up to STRIP_PX. */
export function cutIntoStrips(rect: Rect): Rect[] {
  if (rect.width * rect.height <= FIRST_STRIP_PX * 2) return [rect];
  const strips: Rect[] = [];
  for (let top = 0; top < rect.height; ) {
    const wantedPx = Math.min(STRIP_PX, FIRST_STRIP_PX * (1 + (strips.length >> 1)));
    const height = Math.max(STRIP_STEP, Math.round(wantedPx / rect.width / STRIP_STEP) * STRIP_STEP);
    strips.push({
      x: rect.x,
      y: rect.y + top,
      width: rect.width,
      height: Math.min(height, rect.height - top),
    });
    top += height;
  }
  return strips;
}
