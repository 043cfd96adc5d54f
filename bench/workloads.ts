import type { Rect, Size } from '../src/pixels/rect.ts';
import { BLOCK_PX, type Marker, markerBlockPx, markerHeight, markerWidth } from './frame-number.ts';

/** A sequence of paintings, and their rate. */
export interface Workload {
  readonly name: WorkloadName;
  readonly picture: 'moving' | 'video' | 'scroll' | 'small' | 'nothing';
  readonly fps: number;
}

export type WorkloadName =
  | 'moving-30'
  | 'moving-60'
  | 'moving-10'
  | 'video-30'
  | 'video-60'
  | 'video-10'
  | 'scroll-30'
  | 'small-30'
  | 'idle';

export const WORKLOADS: readonly Workload[] = [
  { name: 'moving-30', picture: 'moving', fps: 30 },
  { name: 'moving-60', picture: 'moving', fps: 60 },
  { name: 'video-30', picture: 'video', fps: 30 },
  { name: 'video-60', picture: 'video', fps: 60 },
  { name: 'scroll-30', picture: 'scroll', fps: 30 },
  { name: 'small-30', picture: 'small', fps: 30 },
  { name: 'idle', picture: 'nothing', fps: 0 },
  { name: 'moving-10', picture: 'moving', fps: 10 },
  { name: 'video-10', picture: 'video', fps: 10 },
];
/** Slow workloads. `fanout` measures them with many viewers. */
export const FANOUT_WORKLOADS: readonly Workload[] = WORKLOADS.filter(({ fps }) => fps === 10);
/** Workloads that are measured if none is named. */
export const ORDINARY_WORKLOADS: readonly Workload[] = WORKLOADS.filter(({ fps }) => fps !== 10);

/** The small change: a grid of its frame number next to a piece of photograph. */
export const PATCH: Size = { width: 128, height: 64 };
const PATCH_PLACES = 8;

/**
 * Returns the places of a picture's frame numbers. Frame `n` shows its number in every marker of group `n` modulo
 * the number of groups. A whole-screen picture has one marker in its first rows and one in its last, so that an
 * update with parts of two frames is recognised as torn.
 */
export function markerGroups(picture: Workload['picture'], size: Size): readonly (readonly Marker[])[] {
  switch (picture) {
    case 'moving':
    case 'video':
    case 'scroll': {
      const strip = { columns: 24, blockPx: markerBlockPx(size) };
      const [margin, height] = [strip.blockPx * 2, markerHeight(strip)];
      return [
        [
          { x: margin, y: height, ...strip },
          { x: size.width - margin - markerWidth(strip), y: size.height - 2 * height, ...strip },
        ],
      ];
    }
    case 'small':
      return Array.from({ length: PATCH_PLACES }, (_, place) => [
        {
          x: 40 + Math.floor((place * (size.width - PATCH.width - 80)) / PATCH_PLACES),
          y:
            40 +
            Math.floor((((place * 3) % PATCH_PLACES) * (size.height - PATCH.height - 80)) / PATCH_PLACES),
          columns: 6,
          blockPx: BLOCK_PX,
        },
      ]);
    case 'nothing':
      return [];
  }
}

/** Columns, rows and size of the places where the quality of a whole-screen picture is sampled. */
const SAMPLE_GRID = { columns: 4, rows: 3 };
const SAMPLE: Size = { width: 64, height: 64 };

/**
 * Returns the places where a picture's quality is sampled: spread over the screen, well away from its frame
 * numbers. A picture that does not fill the screen is not sampled.
 */
export function samplePlaces(picture: Workload['picture'], size: Size): readonly Rect[] {
  if (picture === 'small' || picture === 'nothing') return [];
  const { columns, rows } = SAMPLE_GRID;
  const width = Math.min(SAMPLE.width, Math.floor(size.width / (2 * columns)));
  const height = Math.min(SAMPLE.height, Math.floor(size.height / (2 * rows)));
  return Array.from({ length: columns * rows }, (_, i) => ({
    x: Math.floor((((i % columns) + 0.5) * size.width) / columns - width / 2),
    y: Math.floor(((Math.floor(i / columns) + 0.5) * size.height) / rows - height / 2),
    width,
    height,
  }));
}
