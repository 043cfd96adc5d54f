import {
  PSEUDO_CHROMA_420,
  PSEUDO_CHROMA_422,
  PSEUDO_CHROMA_444,
  PSEUDO_CHROMA_GRAY,
  PSEUDO_FINE_QUALITY_FIRST,
  PSEUDO_FINE_QUALITY_LAST,
} from './constants.ts';

/** Share of the colour that is kept: all, half of the columns, or half of the columns and rows. */
export type Subsampling = '4:4:4' | '4:2:2' | '4:2:0';

export interface JpegQuality {
  /** libjpeg's quality, 1-100. */
  readonly quality: number;
  readonly subsampling: Subsampling;
}

export const MAX_QUALITY_LEVEL = 9;

/** Meaning of Tight's quality levels 0-9, as in TigerVNC and KasmVNC. */
const QUALITY_LEVELS: readonly JpegQuality[] = [
  { quality: 15, subsampling: '4:2:0' },
  { quality: 29, subsampling: '4:2:0' },
  { quality: 41, subsampling: '4:2:0' },
  { quality: 42, subsampling: '4:2:2' },
  { quality: 62, subsampling: '4:2:2' },
  { quality: 77, subsampling: '4:2:2' },
  { quality: 79, subsampling: '4:4:4' },
  { quality: 86, subsampling: '4:4:4' },
  { quality: 92, subsampling: '4:4:4' },
  { quality: 100, subsampling: '4:4:4' },
];

/** Returns the JPEG settings of a Tight quality level. A level outside 0-9 counts as the nearest one. */
export function jpegQualityOf(level: number): JpegQuality {
  const nearest = Math.min(MAX_QUALITY_LEVEL, Math.max(0, Math.round(level)));
  return QUALITY_LEVELS[nearest]!;
}

/** Returns the JPEG quality 1-100 of a fine quality pseudo-encoding, or undefined for another number. */
export function fineQualityFrom(encoding: number): number | undefined {
  if (encoding < PSEUDO_FINE_QUALITY_FIRST || encoding > PSEUDO_FINE_QUALITY_LAST) return undefined;
  // libjpeg has no quality 0.
  return Math.max(1, encoding - PSEUDO_FINE_QUALITY_FIRST);
}

/** Returns the chroma of a subsampling pseudo-encoding, or undefined for another number. */
export function subsamplingFrom(encoding: number): Subsampling | undefined {
  switch (encoding) {
    case PSEUDO_CHROMA_444:
      return '4:4:4';
    case PSEUDO_CHROMA_422:
      return '4:2:2';
    case PSEUDO_CHROMA_420:
    // A viewer that asks for gray wants to save bytes: it gets the least colour that the server sends.
    case PSEUDO_CHROMA_GRAY:
      return '4:2:0';
    default:
      return undefined;
  }
}
