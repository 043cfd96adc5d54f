import jpegTurbo from '@julusian/jpeg-turbo';
import { encodeJpeg } from '../../../src/encode/encoders/jpeg.ts';
import type { Rect } from '../../../src/pixels/rect.ts';
import type { JpegQuality } from '../../../src/protocol/quality.ts';
import { cutOut, type Picture } from '../../painter/picture.ts';
import { type PictureQuality, pictureQuality } from '../../picture-quality.ts';

const { decompressSync, FORMAT_BGRX } = jpegTurbo;

/** Encodes a part of a picture as JPEG and compares the result with the original. */
export function jpegError(picture: Picture, part: Rect, settings: JpegQuality): PictureQuality {
  const { width, height } = part;
  const painted = cutOut(picture, part);
  // The encoder needs a whole stride after the start of the last row, which packed rows have.
  const encoded = encodeJpeg(new Uint8Array(painted.buffer), width, height, width, settings);
  const { data } = decompressSync(Buffer.from(encoded), { format: FORMAT_BGRX });
  const shown = new Uint32Array(new Uint8Array(data).buffer);
  return pictureQuality([{ shown, painted, width, height }])!;
}
