import { ZlibStreams } from '../../src/client/decoders/zlib-streams.ts';
import type { Unzstd } from '../../src/client/decoders/zstd.ts';
import type { Rect } from '../../src/pixels/rect.ts';
import { SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import type { RectBody, TightBasicBody } from '../../src/protocol/rect-reader.ts';
import { decodeTightBasic, decodeZstdRect, pixelTarget } from '../../src/protocol/tight-decoder.ts';
import { OlderRects } from './older-rects.ts';
import type { ViewerFramebuffer } from './viewer-framebuffer.ts';

/** Draws rects of the server's own pixel format into a framebuffer, in the order of arrival. */
export class ViewerPainter {
  readonly #framebuffer: ViewerFramebuffer;
  readonly #streams = new ZlibStreams();
  readonly #older = new OlderRects(SERVER_PIXEL_FORMAT);
  readonly #unzstd: Unzstd;

  constructor(framebuffer: ViewerFramebuffer, unzstd: Unzstd) {
    this.#framebuffer = framebuffer;
    this.#unzstd = unzstd;
  }

  /** Returns false for a rect without pixels of the desktop, such as a cursor. */
  draw(rect: Rect, body: RectBody): boolean {
    switch (body.kind) {
      case 'raw':
        this.#framebuffer.put(rect, body.pixels);
        return true;
      case 'copyRect':
        this.#framebuffer.copy(body.srcX, body.srcY, rect);
        return true;
      case 'tightFill': {
        this.#reset(body.resets);
        const [red = 0, green = 0, blue = 0] = body.tpixel;
        this.#framebuffer.fill(rect, (red << 16) | (green << 8) | blue);
        return true;
      }
      case 'tightJpeg':
        this.#reset(body.resets);
        this.#framebuffer.putJpeg(rect, body.data);
        return true;
      case 'tightBasic':
        this.#reset(body.resets);
        this.#drawBasic(rect, body);
        return true;
      case 'zstd': {
        const { size, pixels } = this.#framebuffer;
        const data = this.#unzstd(body.data, body.uncompressedLength);
        decodeZstdRect(body, data, rect, pixelTarget(pixels, size.width, 'bgrx'));
        return true;
      }
      case 'zrle':
      case 'zlib':
      case 'hextile':
        this.#framebuffer.put(rect, new Uint8Array(this.#older.decode(body, rect).buffer));
        return true;
      case 'tightWebp':
        this.#reset(body.resets);
        this.#framebuffer.putWebp(rect, body.data);
        return true;
      default:
        return false;
    }
  }

  #drawBasic(rect: Rect, body: TightBasicBody): void {
    const { size, pixels } = this.#framebuffer;
    const data = body.compressed
      ? this.#streams.inflate(body.streamId, body.data, body.uncompressedLength)
      : body.data;
    decodeTightBasic(body, data, rect, pixelTarget(pixels, size.width, 'bgrx'));
  }

  #reset(streams: number): void {
    for (let id = 0; id < 4; id++) if (streams & (1 << id)) this.#streams.reset(id);
  }
}
