import type { ByteQueue } from './byte-queue.ts';
import type { ByteWriter } from './byte-writer.ts';

// SCREEN, as in SetDesktopSize and ExtendedDesktopSize: rfbproto, "SetDesktopSize".

/** A screen of the desktop. */
export interface Screen {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly flags: number;
}

export const SCREEN_BYTES = 16;

/** Reads `count` screens from `offset` on. Their bytes must be there. Takes nothing off the queue. */
export function readScreens(queue: ByteQueue, offset: number, count: number): Screen[] {
  return Array.from({ length: count }, (_, i) => {
    const at = offset + i * SCREEN_BYTES;
    return {
      id: queue.peekU32(at),
      x: queue.peekU16(at + 4),
      y: queue.peekU16(at + 6),
      width: queue.peekU16(at + 8),
      height: queue.peekU16(at + 10),
      flags: queue.peekU32(at + 12),
    };
  });
}

export function writeScreens(writer: ByteWriter, screens: readonly Screen[]): ByteWriter {
  for (const { id, x, y, width, height, flags } of screens) {
    writer.u32(id).u16(x).u16(y).u16(width).u16(height).u32(flags);
  }
  return writer;
}
