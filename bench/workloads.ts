import type { Size } from '../src/pixels/rect.ts';
import type { Marker } from './frame-number.ts';

/** What is painted, and how often. */
export interface Workload {
  readonly name: WorkloadName;
  readonly picture: 'moving' | 'scroll' | 'small' | 'nothing';
  readonly fps: number;
}

export type WorkloadName = 'moving-30' | 'moving-60' | 'moving-10' | 'scroll-30' | 'small-30' | 'idle';

export const WORKLOADS: readonly Workload[] = [
  { name: 'moving-30', picture: 'moving', fps: 30 },
  { name: 'moving-60', picture: 'moving', fps: 60 },
  { name: 'scroll-30', picture: 'scroll', fps: 30 },
  { name: 'small-30', picture: 'small', fps: 30 },
  { name: 'idle', picture: 'nothing', fps: 0 },
  { name: 'moving-10', picture: 'moving', fps: 10 },
];

/** The small change: the grid of its frame number and a piece of photograph beside it. */
export const PATCH: Size = { width: 128, height: 64 };
const PATCH_PLACES = 8;

/**
 * Where a picture's frame numbers stand: frame `n` shows its number in every marker of group `n` modulo the
 * groups. A whole-screen picture has one in its first rows and one in its last, so that an update that is
 * half of one frame and half of the next is seen to be torn.
 */
export function markerGroups(picture: Workload['picture'], size: Size): readonly (readonly Marker[])[] {
  switch (picture) {
    case 'moving':
    case 'scroll':
      return [
        [
          { x: 32, y: 16, columns: 24 },
          { x: size.width - 32 - 24 * 16, y: size.height - 32, columns: 24 },
        ],
      ];
    case 'small':
      return Array.from({ length: PATCH_PLACES }, (_, place) => [
        {
          x: 40 + Math.floor((place * (size.width - PATCH.width - 80)) / PATCH_PLACES),
          y:
            40 +
            Math.floor((((place * 3) % PATCH_PLACES) * (size.height - PATCH.height - 80)) / PATCH_PLACES),
          columns: 6,
        },
      ]);
    case 'nothing':
      return [];
  }
}
