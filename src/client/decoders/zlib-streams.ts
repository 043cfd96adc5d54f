import { Z_SYNC_FLUSH, ZStream, zlibInflate, zlibInflateInit } from 'pako';
import { TIGHT_STREAMS } from '../../protocol/tight.ts';

/**
 * Inflates Tight's zlib streams. Each piece builds on the earlier pieces of its stream, so call it in the order of
 * arrival.
 */
export class ZlibStreams {
  readonly #streams: (ZStream | undefined)[] = new Array(TIGHT_STREAMS).fill(undefined);

  /** Makes the stream start anew with its next piece. */
  reset(streamId: number): void {
    this.#streams[streamId] = undefined;
  }

  /** Inflates exactly `length` bytes from one piece. Throws if the piece is damaged or holds fewer. */
  inflate(streamId: number, piece: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
    const stream = this.#streams[streamId] ?? createStream();
    this.#streams[streamId] = stream;
    stream.input = piece;
    stream.next_in = 0;
    stream.avail_in = piece.length;
    stream.output = new Uint8Array(length);
    stream.next_out = 0;
    stream.avail_out = length;
    const status = zlibInflate(stream, Z_SYNC_FLUSH);
    if (status < 0 || stream.avail_out > 0) {
      throw new Error(`Compressed pixels are damaged: ${stream.msg || `${stream.avail_out} bytes missing`}`);
    }
    return stream.output;
  }
}

function createStream(): ZStream {
  const stream = new ZStream();
  zlibInflateInit(stream);
  return stream;
}
