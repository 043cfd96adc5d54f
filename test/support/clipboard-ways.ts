import { deflateSync, inflateSync } from 'node:zlib';
import * as wire from '../../src/protocol/constants.ts';
import { clipboardTextFromInflated } from '../../src/protocol/extended-clipboard.ts';
import { clipboardTextToDeflate } from './clipboard-text-to-deflate.ts';
import { STANDARD_ENCODINGS, type Viewer } from './viewer.ts';

/** Longest wait for one message, in milliseconds. A busy machine takes 20 s for 10 MB. */
const MESSAGE_MS = 60_000;

/** How viewers of one kind send a clipboard's content and are sent one. */
export interface ClipboardWay {
  readonly encodings: readonly number[];
  send(viewer: Viewer, data: Buffer): void;
  /** Resolves once the viewer has these bytes. It began before a program copied them. */
  received(viewer: Viewer, data: Buffer): Promise<void>;
}

const isSame = (got: Uint8Array | undefined, data: Buffer): boolean =>
  got !== undefined && Buffer.compare(got, data) === 0;

/** KasmVNC's message, with one item of this MIME type. */
export const kasmItem = (mime: string): ClipboardWay => ({
  encodings: [...STANDARD_ENCODINGS, wire.PSEUDO_STREAMING_JPEG_WEBP],
  send: (viewer, data) => viewer.send({ type: 'binaryClipboard', items: [{ mime, data }] }),
  received: async (viewer, data) => {
    for (;;) {
      const { items } = await viewer.waitForMessage('binaryClipboard', MESSAGE_MS);
      if (isSame(items.find((item) => item.mime === mime)?.data, data)) return;
    }
  },
});

const REQUEST = wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT;
const PROVIDE = wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT;

/** Text by the extended clipboard. */
export const extendedText: ClipboardWay = {
  encodings: [...STANDARD_ENCODINGS, wire.PSEUDO_EXTENDED_CLIPBOARD],
  send: (viewer, data) => {
    const deflated = deflateSync(clipboardTextToDeflate(data.toString()), { level: 1 });
    viewer.send({ type: 'extendedClipboard', flags: PROVIDE, data: deflated });
  },
  received: async (viewer, data) => {
    for (;;) {
      const { flags, data: deflated } = await viewer.waitForMessage('extendedClipboard', MESSAGE_MS);
      if (flags & wire.CLIPBOARD_NOTIFY)
        viewer.send({ type: 'extendedClipboard', flags: REQUEST, data: new Uint8Array(0) });
      else if (
        flags === PROVIDE &&
        clipboardTextFromInflated(flags, inflateSync(deflated)) === data.toString()
      )
        return;
    }
  },
};

/** Plain cut text, in Latin-1. */
export const cutText: ClipboardWay = {
  encodings: STANDARD_ENCODINGS,
  send: (viewer, data) => viewer.send({ type: 'clientCutText', text: data.toString() }),
  received: async (viewer, data) => {
    const text = data.toString();
    while ((await viewer.waitForMessage('cutText', MESSAGE_MS)).text !== text);
  },
};

const TEN_MB = 10_000_000;
/** Bytes at the beginning that are ASCII in each text, so that a test can change one of them. */
const ASCII_BYTES = 200;

/** 10 MB of UTF-8 that hardly compress, made of words with these characters. */
export function longText(characters: string): Buffer {
  const known = [...characters];
  let state = 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
  const pieces = [Buffer.alloc(ASCII_BYTES, 'deskwire '.slice(0, 8))];
  for (let bytes = ASCII_BYTES; bytes < TEN_MB; ) {
    let line = '';
    for (let i = 0; i < 2000; i++) line += next(7) === 0 ? ' ' : known[next(known.length)];
    const piece = Buffer.from(line);
    const fits = TEN_MB - bytes;
    pieces.push(piece.length <= fits ? piece : Buffer.alloc(fits, '.'));
    bytes += piece.length;
  }
  return Buffer.concat(pieces);
}
