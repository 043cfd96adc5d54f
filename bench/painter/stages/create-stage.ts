import type { Size } from '../../../src/pixels/rect.ts';
import type { PaintedScene } from '../../scenes/scene.ts';
import type { FontBits } from '../font.ts';
import { createSmallStage, createWindowsStage } from './desk-stages.ts';
import { createEditorStage, createSheetStage } from './office-stages.ts';
import { createPagesStage, createTerminalStage, createWebStage } from './page-stages.ts';
import { createScrollStage } from './scroll-stage.ts';
import type { Stage } from './stage.ts';

/** Makes the pictures of a scene. */
export function createStage(scene: PaintedScene, size: Size, font: FontBits): Stage {
  switch (scene.kind) {
    case 'scroll':
      return createScrollStage(scene, size, font);
    case 'pages':
      return createPagesStage(scene, size, font);
    case 'terminal':
      return createTerminalStage(scene, size, font);
    case 'web':
      return createWebStage(scene, size, font);
    case 'editor':
      return createEditorStage(scene, size, font);
    case 'sheet':
      return createSheetStage(scene, size, font);
    case 'windows':
      return createWindowsStage(scene, size, font);
    case 'small':
      return createSmallStage(scene, font);
  }
}
