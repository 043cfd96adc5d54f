import type { Size } from '../../src/pixels/rect.ts';
import {
  describeSmall,
  describeWindows,
  drawSmall,
  drawWindows,
  type SmallScene,
  type WindowsScene,
} from './desk-scenes.ts';
import { createDice } from './dice.ts';
import {
  describeEditor,
  describeSheet,
  drawEditor,
  drawSheet,
  type EditorScene,
  type SheetScene,
} from './office-scenes.ts';
import {
  describePages,
  describeTerminal,
  describeWeb,
  drawPages,
  drawTerminal,
  drawWeb,
  type PagesScene,
  type TerminalScene,
  type WebScene,
} from './page-scenes.ts';
import { describeProgram, drawProgram, type ProgramName, type ProgramScene } from './program-scenes.ts';
import { describeScroll, drawScroll, type ScrollKind, type ScrollScene } from './scroll-scene.ts';

/** What a round shows, with every parameter that a seed decides. Plain data. */
export type Scene = PaintedScene | ProgramScene;

/** What the painter paints itself. */
export type PaintedScene =
  | ScrollScene
  | PagesScene
  | TerminalScene
  | WebScene
  | EditorScene
  | SheetScene
  | WindowsScene
  | SmallScene;

/** Pictures that are drawn from a seed. */
export type DrawnPicture = ScrollKind | Exclude<Scene['kind'], 'scroll' | 'program'> | ProgramName;

/** Draws a scene. The same seed, size and rate give the same scene. */
export function drawScene(picture: DrawnPicture, seed: number, size: Size, fps: number): Scene {
  const dice = createDice(seed);
  switch (picture) {
    case 'pages':
      return drawPages(dice, size);
    case 'terminal':
      return drawTerminal(dice, size, fps);
    case 'web':
      return drawWeb(dice, size);
    case 'editor':
      return drawEditor(dice, size);
    case 'sheet':
      return drawSheet(dice, size);
    case 'windows':
      return drawWindows(dice, size);
    case 'small':
      return drawSmall(dice, size);
    case 'xterm':
    case 'chromium':
    case 'calc':
      return drawProgram(picture, dice, size);
    default:
      return drawScroll(picture, dice, size);
  }
}

/** Returns the parameters in words. */
export function describeScene(scene: Scene): string {
  switch (scene.kind) {
    case 'scroll':
      return describeScroll(scene);
    case 'pages':
      return describePages(scene);
    case 'terminal':
      return describeTerminal(scene);
    case 'web':
      return describeWeb(scene);
    case 'editor':
      return describeEditor(scene);
    case 'sheet':
      return describeSheet(scene);
    case 'windows':
      return describeWindows(scene);
    case 'small':
      return describeSmall(scene);
    case 'program':
      return describeProgram(scene);
  }
}
