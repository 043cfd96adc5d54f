import { areaPx } from '../../pixels/rect.ts';
import { usesZstd, zlibLevelFor } from '../encoders/lossless.ts';
import { methodKey } from '../plan/plan-rects.ts';
import { formatKey } from '../plan/profile.ts';
import type { EncodeJob } from './job.ts';

/**
 * Text that is equal for jobs of one shown picture that lead to equal bytes. It has only what the method depends on, so
 * that viewers with other settings share the rects to which those make no difference.
 */
export function jobKey(job: EncodeJob): string {
  const { rect, method, scaledTo, cursor, overlay } = job;
  const scaled = scaledTo ? `${scaledTo.width}x${scaledTo.height}/${scaledTo.filter}` : 'whole';
  const pointer = cursor ? 'drawn' : 'apart';
  const place = [rect.x, rect.y, rect.width, rect.height].join(' ');
  return [place, methodKey(method), settingsKey(job), scaled, pointer, overlay?.key ?? 'bare'].join(' ');
}

/** What the method depends on in the viewer's settings: a JPEG or a WebP on nothing. */
function settingsKey({ rect, scaledTo, method, format, zlibLevel, zstd }: EncodeJob): string {
  const px = areaPx(scaledTo ?? rect);
  const zlib = `zlib ${zlibLevelFor(px, { zlibLevel }) ?? 'ours'}`;
  switch (method.name) {
    case 'jpeg':
    case 'webp':
      return '';
    case 'raw':
    case 'hextile':
      return formatKey(format);
    case 'zlib':
    case 'zrle':
      return `${formatKey(format)} ${zlib}`;
    case 'lossless':
      return `${formatKey(format)} ${usesZstd(px, { zstd }) ? `zstd ${zlibLevel}` : zlib}`;
  }
}
