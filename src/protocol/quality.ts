import {
  PSEUDO_CHROMA_420,
  PSEUDO_CHROMA_422,
  PSEUDO_CHROMA_444,
  PSEUDO_CHROMA_GRAY,
  PSEUDO_FINE_QUALITY_FIRST,
  PSEUDO_FINE_QUALITY_LAST,
} from './constants.ts';

/** How much of the colour is kept: all of it, half of the columns, or half of the columns and rows. */
export type Subsampling = '4:4:4' | '4:2:2' | '4:2:0';

export interface JpegQuality {
  /** libjpeg's quality, 1-100. */
  readonly quality: number;
  readonly subsampling: Subsampling;
}

export const MAX_QUALITY_LEVEL = 9;

/** What Tight's quality levels 0-9 mean, as TigerVNC and KasmVNC have it. */
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

/** JPEG settings of a Tight quality level; a level out of 0-9 is taken as the nearest. */
export function jpegQualityOf(level: number): JpegQuality {
  const nearest = Math.min(MAX_QUALITY_LEVEL, Math.max(0, Math.round(level)));
  return QUALITY_LEVELS[nearest]!;
}

/** JPEG quality 1-100 of a fine quality pseudo-encoding, undefined for any other number. */
export function fineQualityFrom(encoding: number): number | undefined {
  if (encoding < PSEUDO_FINE_QUALITY_FIRST || encoding > PSEUDO_FINE_QUALITY_LAST) return undefined;
  // libjpeg has no quality 0.
  return Math.max(1, encoding - PSEUDO_FINE_QUALITY_FIRST);
}

/** Chroma of a subsampling pseudo-encoding, undefined for any other number. */
export function subsamplingFrom(encoding: number): Subsampling | undefined {
  switch (encoding) {
    case PSEUDO_CHROMA_444:
      return '4:4:4';
    case PSEUDO_CHROMA_422:
      return '4:2:2';
    case PSEUDO_CHROMA_420:
    // A viewer that wants gray wants to save bytes: it gets the least colour that is sent here.
    case PSEUDO_CHROMA_GRAY:
      return '4:2:0';
    default:
      return undefined;
  }
}
