import type { SharedFrame } from '../pixels/shared-frame.ts';
import { ENCODING_RAW, ENCODING_TIGHT } from '../protocol/constants.ts';
import { joinBytes } from '../protocol/join-bytes.ts';
import { rectHeader } from '../protocol/rect-header.ts';
import { tightJpegHeader } from '../protocol/tight.ts';
import { startCpuTimer } from './cpu-timer.ts';
import { encodeJpeg } from './encoders/jpeg.ts';
import { encodeLossless } from './encoders/lossless.ts';
import { type PixelSource, shownRect } from './encoders/pixel-source.ts';
import { encodeRaw } from './encoders/raw.ts';
import type { EncodedRect, EncodeJob, EncoderName } from './job.ts';

interface Body {
  readonly encoder: EncoderName;
  readonly parts: readonly Uint8Array[];
}

/** Encodes one rect of the shown picture, header and all, into a buffer of its own. */
export function encodeRect(frame: SharedFrame, job: EncodeJob): EncodedRect {
  const stop = startCpuTimer();
  const { rect } = job;
  const body = encodeBody(shownRect(frame, job.frameSize, rect), job);
  const encoding = body.encoder === 'RawEncoder' ? ENCODING_RAW : ENCODING_TIGHT;
  const header = rectHeader(rect.x, rect.y, rect.width, rect.height, encoding);
  const bytes = joinBytes([header, ...body.parts]);
  return {
    bytes,
    encoder: body.encoder,
    areaPx: rect.width * rect.height,
    cpuUs: stop(),
  };
}

function encodeBody(source: PixelSource, job: EncodeJob): Body {
  const { method, format, zlibLevel } = job;
  if (method.name === 'raw') return { encoder: 'RawEncoder', parts: [encodeRaw(source, format)] };
  if (method.name === 'lossless') return encodeLossless(source, format, zlibLevel);
  const picture = encodeJpeg(source.bytes, source.width, source.height, source.stridePx, method.jpeg);
  return { encoder: 'TightJPEGEncoder', parts: [tightJpegHeader(picture.length), picture] };
}
