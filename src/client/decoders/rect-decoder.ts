import type { TightBasicBody } from '../../protocol/rect-reader.ts';
import type { ServerRect } from '../../protocol/server-message-reader.ts';
import {
  decodeRaw,
  decodeTightBasic,
  decodeZstdRect,
  type PixelTarget,
  pixelTarget,
} from '../../protocol/tight-decoder.ts';
import type { ZstdBody } from '../../protocol/zstd-rect.ts';
import type { Area, DrawOp } from '../render/draw-op.ts';
import { decodePicture } from './picture.ts';
import { ZlibStreams } from './zlib-streams.ts';
import type { Unzstd } from './zstd.ts';

/**
 * Turns the rects of one connection into drawing steps. Call it with rects in the order of arrival. It inflates
 * zlib data at once, because each piece builds on the one before it. Pictures are decoded on the browser's threads.
 */
export class RectDecoder {
  readonly #zlib = new ZlibStreams();
  /** Set before zstd rects are asked for. */
  unzstd: Unzstd | undefined;

  /** Returns undefined for a rect that draws nothing. Throws or rejects if the rect is damaged. */
  decode(rect: ServerRect): DrawOp | Promise<DrawOp> | undefined {
    const { body } = rect;
    const area: Area = { x: rect.x, y: rect.y, width: rect.width, height: rect.height };
    if ('resets' in body) this.#reset(body.resets);
    // A desktop may have an empty size, a canvas may not.
    const isEmpty = area.width === 0 || area.height === 0;
    if (isEmpty) return undefined;
    switch (body.kind) {
      case 'tightJpeg':
        return picture(body.data, 'image/jpeg', area);
      case 'tightWebp':
        return picture(body.data, 'image/webp', area);
      case 'tightFill':
        return { kind: 'fill', area, colour: cssColour(body.tpixel) };
      case 'tightBasic':
        return this.#basic(body, area);
      case 'zstd':
        return this.#zstd(body, area);
      case 'copyRect':
        return { kind: 'copy', area, fromX: body.srcX, fromY: body.srcY };
      case 'raw':
        return pixels(area, (target) => decodeRaw(body.pixels, atOrigin(area), target));
      case 'desktopSize':
        return { kind: 'resize', width: area.width, height: area.height };
      case 'extendedDesktopSize':
        return body.status === 0 ? { kind: 'resize', width: area.width, height: area.height } : undefined;
      default:
        return undefined;
    }
  }

  #basic(body: TightBasicBody, area: Area): DrawOp {
    const data = body.compressed
      ? this.#zlib.inflate(body.streamId, body.data, body.uncompressedLength)
      : body.data;
    return pixels(area, (target) => decodeTightBasic(body, data, atOrigin(area), target));
  }

  #zstd(body: ZstdBody, area: Area): DrawOp {
    if (!this.unzstd) throw new Error('The server sent zstd, which this page did not ask for.');
    const data = this.unzstd(body.data, body.uncompressedLength);
    return pixels(area, (target) => decodeZstdRect(body, data, atOrigin(area), target));
  }

  #reset(resets: number): void {
    for (let streamId = 0; resets >> streamId; streamId++) {
      if (resets & (1 << streamId)) this.#zlib.reset(streamId);
    }
  }
}

async function picture(data: Uint8Array<ArrayBuffer>, type: string, area: Area): Promise<DrawOp> {
  return { kind: 'picture', area, bitmap: await decodePicture(data, type, area) };
}

function pixels(area: Area, draw: (target: PixelTarget) => void): DrawOp {
  const image = new ImageData(area.width, area.height);
  draw(pixelTarget(image.data, area.width, 'rgba'));
  return { kind: 'pixels', area, image };
}

function atOrigin({ width, height }: Area): Area {
  return { x: 0, y: 0, width, height };
}

/** Converts a TPIXEL, which is red, green, blue in every format with 8 bits per colour. */
function cssColour(tpixel: Uint8Array): string {
  return `rgb(${tpixel[0]} ${tpixel[1]} ${tpixel[2]})`;
}
