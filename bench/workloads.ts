import { intersect, type Rect, type Size } from '../src/pixels/rect.ts';
import { type Marker, markerHeight, markerWidth } from './frame-number.ts';
import { markersIn } from './scenes/markers.ts';
import type { ProgramName } from './scenes/program-scenes.ts';
import { type DrawnPicture, describeScene, drawScene } from './scenes/scene.ts';

/** A sequence of paintings, and their rate. */
export interface Workload {
  readonly name: WorkloadName;
  readonly picture: FixedPicture | DrawnPicture;
  readonly fps: number;
  /** What it shows, in a few words. */
  readonly shows: string;
}

/** Pictures that are the same in every round. */
export type FixedPicture = 'moving' | 'video' | 'scroll' | 'nothing';

export type WorkloadName = `${FixedPicture | DrawnPicture}-${10 | 30 | 60}` | 'idle';

const FIXED: readonly string[] = ['moving', 'video', 'scroll', 'nothing'] satisfies FixedPicture[];

export const isDrawn = (picture: Workload['picture']): picture is DrawnPicture => !FIXED.includes(picture);

/** What each picture shows. `drawn`: its parameters come from the seed. */
const SHOWS: Readonly<Record<Workload['picture'], string>> = {
  moving: 'a photograph, panned by whole pixels',
  video: 'a film: the photograph, zoomed while it is panned',
  scroll: 'text, scrolled by a third of a line; always the same',
  pages: 'pages of text, turned; drawn',
  'scroll-lines': 'text, scrolled by lines; drawn',
  'scroll-smooth': 'text, scrolled smoothly by some pixels; drawn',
  'scroll-pane': 'text, scrolled in a pane beside a still one; drawn',
  'scroll-across': 'text, scrolled horizontally; drawn',
  terminal: 'a terminal that prints 2,000 lines a second; drawn',
  editor: 'an editor of source code, typed into and scrolled; drawn',
  sheet: 'a spreadsheet, scrolled by cell; drawn',
  web: 'a web page with photographs, scrolled by wheel; drawn',
  windows: 'a window, dragged over another; drawn',
  small: 'a change of 200x24 pixels and its frame number; drawn',
  xterm: 'xterm, which prints 2,000 lines a second; drawn',
  chromium: 'Chromium with a local page, scrolled by wheel; drawn',
  calc: 'LibreOffice Calc, scrolled by wheel; drawn',
  nothing: 'nothing',
};

/** Whether a picture needs a program, which must be installed. */
export const isProgram = (picture: Workload['picture']): picture is ProgramName =>
  picture === 'xterm' || picture === 'chromium' || picture === 'calc';

const painted = (picture: Workload['picture'], fps: 10 | 30 | 60): Workload => ({
  name: `${picture}-${fps}`,
  picture,
  fps,
  shows: SHOWS[picture],
});

/** Workloads that are measured if none is named. */
export const ORDINARY_WORKLOADS: readonly Workload[] = [
  painted('moving', 30),
  painted('moving', 60),
  painted('video', 30),
  painted('video', 60),
  painted('pages', 30),
  painted('scroll-lines', 30),
  painted('scroll-smooth', 30),
  painted('scroll-pane', 30),
  painted('scroll-across', 30),
  painted('terminal', 30),
  painted('editor', 30),
  painted('sheet', 30),
  painted('web', 30),
  painted('windows', 30),
  painted('small', 30),
  painted('xterm', 30),
  painted('chromium', 60),
  painted('calc', 30),
  { name: 'idle', picture: 'nothing', fps: 0, shows: SHOWS.nothing },
];
/** Slow workloads. `fanout` measures them with many viewers. */
export const FANOUT_WORKLOADS: readonly Workload[] = [painted('moving', 10), painted('video', 10)];
/** `memory` has one viewer of it. */
export const MEMORY_WORKLOAD: Workload = painted('video', 30);
export const WORKLOADS: readonly Workload[] = [
  ...ORDINARY_WORKLOADS,
  painted('scroll', 30),
  ...FANOUT_WORKLOADS,
];

/** Where a picture's frame numbers are, and where its quality is sampled. */
export interface Layout {
  /**
   * Frame `n` shows its number in every marker of group `n` modulo the number of groups. A whole-screen picture has
   * one marker in its first rows and one in its last, so that an update with parts of two frames is recognised as
   * torn.
   */
  readonly groups: readonly (readonly Marker[])[];
  readonly samples: readonly Rect[];
  /** Parameters that were drawn, in words. */
  readonly drawn?: string;
}

/** Returns the layout of one round. Painter and viewer use the same. */
export function layoutOf({ picture, fps }: Workload, seed: number, size: Size): Layout {
  if (!isDrawn(picture)) {
    const groups = markerGroups(picture, size);
    return { groups, samples: samplePlaces(groups, size) };
  }
  const scene = drawScene(picture, seed, size, fps);
  const groups = scene.markerGroups;
  const isSampled = scene.kind !== 'small' && scene.kind !== 'program';
  const samples = isSampled ? samplePlaces(groups, size) : [];
  return { groups, samples, drawn: describeScene(scene) };
}

export const markerGroups = (picture: FixedPicture, size: Size): Layout['groups'] =>
  picture === 'nothing' ? [] : [markersIn({ x: 0, y: 0, ...size }, size)];

/** Columns, rows and size of the places where the quality of a whole-screen picture is sampled. */
const SAMPLE_GRID = { columns: 4, rows: 3 };
const SAMPLE: Size = { width: 64, height: 64 };

/** Returns places spread over the screen that do not touch a frame number. None without frame numbers. */
function samplePlaces(groups: Layout['groups'], size: Size): Rect[] {
  const markers = groups.flat();
  if (!markers.length) return [];
  const { columns, rows } = SAMPLE_GRID;
  const width = Math.min(SAMPLE.width, Math.floor(size.width / (2 * columns)));
  const height = Math.min(SAMPLE.height, Math.floor(size.height / (2 * rows)));
  const places = Array.from({ length: columns * rows }, (_, i) => ({
    x: Math.floor((((i % columns) + 0.5) * size.width) / columns - width / 2),
    y: Math.floor(((Math.floor(i / columns) + 0.5) * size.height) / rows - height / 2),
    width,
    height,
  }));
  return places.filter(
    (place) =>
      !markers.some((marker) =>
        intersect(place, { ...marker, width: markerWidth(marker), height: markerHeight(marker) }),
      ),
  );
}
