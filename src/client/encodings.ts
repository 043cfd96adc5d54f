import * as wire from '../protocol/constants.ts';
import { type PictureSettings, pictureEncodings } from './picture-settings.ts';

/**
 * Returns the list for SetEncodings: what this page supports, preferred encodings first, and its settings. `zstd` says
 * whether the decoder of zstd rects has been loaded.
 */
export function encodingsFor(picture: PictureSettings, zstd: boolean): number[] {
  return [
    wire.ENCODING_COPY_RECT,
    ...(zstd ? [wire.ENCODING_ZSTD] : []),
    wire.ENCODING_TIGHT,
    wire.ENCODING_RAW,
    wire.PSEUDO_DESKWIRE,
    ...pictureEncodings(picture),
    wire.PSEUDO_LAST_RECT,
    wire.PSEUDO_CURSOR_WITH_ALPHA,
    wire.PSEUDO_EXTENDED_DESKTOP_SIZE,
    wire.PSEUDO_DESKTOP_SIZE,
    wire.PSEUDO_DESKTOP_NAME,
    wire.PSEUDO_FENCE,
    wire.PSEUDO_CONTINUOUS_UPDATES,
    wire.PSEUDO_QEMU_KEY,
    wire.PSEUDO_EXTENDED_CLIPBOARD,
    wire.PSEUDO_PORTIONS,
    wire.PSEUDO_DISCONNECT_NOTICE,
  ];
}
