import type { Packer } from '../../pixels/kernels/packer.ts';
import type { Scale } from '../../pixels/kernels/scaler.ts';
import { BYTES_PER_PIXEL, type SharedFrame } from '../../pixels/shared-frame.ts';
import {
  ENCODING_HEXTILE,
  ENCODING_RAW,
  ENCODING_TIGHT,
  ENCODING_ZLIB,
  ENCODING_ZRLE,
  ENCODING_ZSTD,
} from '../../protocol/constants.ts';
import { joinBytes } from '../../protocol/join-bytes.ts';
import { rectHeader } from '../../protocol/rect-header.ts';
import { tightJpegHeader, tightWebpHeader } from '../../protocol/tight.ts';
import type { Interval } from '../../stats/interval.ts';
import type { EncoderName } from '../encoders/encoder-name.ts';
import { encodeHextile } from '../encoders/hextile.ts';
import { encodeJpeg } from '../encoders/jpeg.ts';
import { encodeLossless } from '../encoders/lossless.ts';
import { type PixelSource, shownRect } from '../encoders/pixel-source.ts';
import { encodeRaw } from '../encoders/raw.ts';
import type { WebpEncoder } from '../encoders/webp.ts';
import { encodeZlib } from '../encoders/zlib.ts';
import { encodeZrle } from '../encoders/zrle.ts';
import { drawOverlay } from '../overlay/draw-overlay.ts';
import type { ScaledTo } from '../plan/video-scaling.ts';
import { startCpuTimer } from './cpu-timer.ts';
import type { EncodedRect, EncodeJob } from './job.ts';
import { withCursor } from './with-cursor.ts';
import { withOverlay } from './with-overlay.ts';

interface Body {
  readonly encoder: EncoderName;
  readonly parts: readonly Uint8Array[];
}

/** Tools that some jobs need: a packer for no loss, a scaler for rects that are scaled down, the encoder for WebP. */
export interface EncodeTools {
  readonly packer?: Packer;
  readonly scale?: Scale;
  readonly webp?: WebpEncoder | undefined;
}

/** An encoded rect as parts, which the next call of the encoder may overwrite. */
export interface RectParts extends Omit<EncodedRect, 'bytes'> {
  readonly parts: readonly Uint8Array[];
}

/** Encodes one rect of the shown picture with its header, as `encodeParts` does, into a buffer of its own. */
export function encodeRect(frame: SharedFrame, job: EncodeJob, tools: EncodeTools = {}): EncodedRect {
  const { parts, ...rect } = encodeParts(frame, job, tools);
  return { ...rect, bytes: joinBytes(parts) };
}

/** Encodes one rect of the shown picture with its header. Throws if the job needs a tool that is not given. */
export function encodeParts(frame: SharedFrame, job: EncodeJob, tools: EncodeTools = {}): RectParts {
  const { rect } = job;
  const scaled = job.scaledTo && scaledRect(job, job.scaledTo, tools.scale);
  const stop = startCpuTimer();
  const body = encodeBody(scaled?.source ?? unscaledRect(frame, job), job, tools);
  const header = rectHeader(
    rect.x,
    rect.y,
    rect.width,
    rect.height,
    ENCODINGS[body.encoder] ?? ENCODING_TIGHT,
  );
  return {
    parts: [header, ...body.parts],
    encoder: body.encoder,
    areaPx: rect.width * rect.height,
    cpuUs: stop(),
    scaling: scaled?.took,
  };
}

/** Encodings of the encoders whose rects are not Tight. */
const ENCODINGS: Partial<Record<EncoderName, number>> = {
  RawEncoder: ENCODING_RAW,
  HextileEncoder: ENCODING_HEXTILE,
  ZlibEncoder: ENCODING_ZLIB,
  ZRLEEncoder: ENCODING_ZRLE,
  ZstdEncoder: ENCODING_ZSTD,
};

function unscaledRect(frame: SharedFrame, { frameSize, rect, cursor, overlay }: EncodeJob): PixelSource {
  const shown = shownRect(frame, frameSize, rect);
  const pointed = cursor ? withCursor(shown, rect, cursor) : shown;
  // Over the pointer, which must not be seen in a concealed region.
  return overlay ? withOverlay(pointed, rect, overlay, frameSize) : pointed;
}

function scaledRect(
  { frameSize, rect, overlay }: EncodeJob,
  { filter, ...size }: ScaledTo,
  scale: Scale | undefined,
): { source: PixelSource; took: Interval } {
  if (!scale) throw new Error('This thread has no scaler.');
  const startUs = monotonicUs();
  const bytes = scale(frameSize, rect, size, filter);
  const took = { startUs, endUs: monotonicUs() };
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / BYTES_PER_PIXEL);
  const source = { ...size, stridePx: size.width, bytes, words };
  if (overlay) drawOverlay(source, rect, overlay, frameSize);
  return { source, took };
}

const monotonicUs = (): number => Number(process.hrtime.bigint() / 1000n);

function encodeBody(source: PixelSource, job: EncodeJob, tools: EncodeTools): Body {
  const { method, format } = job;
  switch (method.name) {
    case 'raw':
      return { encoder: 'RawEncoder', parts: [encodeRaw(source, format)] };
    case 'hextile':
      return { encoder: 'HextileEncoder', parts: [encodeHextile(source, format)] };
    case 'zlib':
      return { encoder: 'ZlibEncoder', parts: encodeZlib(source, job, packerOf(tools)) };
    case 'zrle':
      return { encoder: 'ZRLEEncoder', parts: encodeZrle(source, job, packerOf(tools)) };
    case 'lossless':
      return encodeLossless(source, job, packerOf(tools));
    case 'webp': {
      if (!tools.webp) throw new Error('This thread has no WebP encoder.');
      const picture = tools.webp(source, method.webp);
      return { encoder: 'TightWEBPEncoder', parts: [tightWebpHeader(picture.length), picture] };
    }
    case 'jpeg': {
      const picture = encodeJpeg(source.bytes, source.width, source.height, source.stridePx, method.jpeg);
      return { encoder: 'TightJPEGEncoder', parts: [tightJpegHeader(picture.length), picture] };
    }
  }
}

function packerOf({ packer }: EncodeTools): Packer {
  if (!packer) throw new Error('This thread has no packer.');
  return packer;
}
