import { fstatSync, readSync } from 'node:fs';
import { DesktopError } from '../../errors.ts';

/** Bytes of an entry in the colour table after the header (XWDFile.h). */
const COLOUR_ENTRY_BYTES = 12;

/** Offsets of the fields that we use in an XWD header, big-endian with 32 bits each (XWDFile.h). */
const HEADER_SIZE_AT = 0;
const HEIGHT_AT = 5 * 4;
const BYTES_PER_LINE_AT = 12 * 4;
const COLOUR_COUNT_AT = 19 * 4;
const HEADER_BYTES = 25 * 4;

/** Layout of the pixels in an XWD picture. */
export interface XwdLayout {
  readonly pixelsAt: number;
  readonly strideBytes: number;
  readonly height: number;
}

/**
 * Reads the header of an XWD picture. Throws a DesktopError if the pixels that it describes do not fit into the file:
 * programs that can trace the X server can write anything there.
 */
export function readXwdHeader(fd: number): XwdLayout {
  const header = Buffer.alloc(HEADER_BYTES);
  readSync(fd, header, 0, HEADER_BYTES, 0);
  const layout = {
    pixelsAt: header.readUInt32BE(HEADER_SIZE_AT) + header.readUInt32BE(COLOUR_COUNT_AT) * COLOUR_ENTRY_BYTES,
    strideBytes: header.readUInt32BE(BYTES_PER_LINE_AT),
    height: header.readUInt32BE(HEIGHT_AT),
  };
  if (layout.pixelsAt + layout.strideBytes * layout.height > fstatSync(fd).size)
    throw new DesktopError('DESKTOP_XVFB_FAILED', 'the header of its framebuffer is damaged');
  return layout;
}
