import { Z_SYNC_FLUSH, ZStream, zlibInflate, zlibInflateInit } from 'pako';
import { TIGHT_STREAMS } from '../../protocol/tight.ts';

/** Inflates Tight's data. Each piece builds on those before it in its stream, so pieces come in the order they arrived. */
export class ZlibStreams {
  readonly #streams: (ZStream | undefined)[] = new Array(TIGHT_STREAMS).fill(undefined);

  /** The stream begins anew with its next piece. */
  reset(streamId: number): void {
    this.#streams[streamId] = undefined;
  }

  /** Exactly `length` bytes from one piece; throws where the piece holds fewer or is damaged. */
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
