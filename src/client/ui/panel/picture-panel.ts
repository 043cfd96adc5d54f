import {
  type PictureSettings,
  PRESET_NAMES,
  PRESETS,
  type PresetName,
  presetOf,
  RANGES,
} from '../../picture-settings.ts';
import { type BarTextName, barText as text } from '../bar-text.ts';
import { choice, slider, toggle } from '../controls.ts';
import { h } from '../dom.ts';
import type { Panel } from '../panels.ts';

const NAMES: Readonly<Record<PresetName, readonly [label: BarTextName, why: BarTextName]>> = {
  low: ['presetLow', 'presetLowWhy'],
  balanced: ['presetBalanced', 'presetBalancedWhy'],
  sharp: ['presetSharp', 'presetSharpWhy'],
  lossless: ['presetLossless', 'presetLosslessWhy'],
};

const SLIDERS = [
  ['quality', 'quality'],
  ['movingQuality', 'qualityMoving'],
  ['videoQuality', 'qualityVideo'],
  ['framesPerSecond', 'frameRate'],
  ['videoArea', 'videoArea'],
  ['videoTime', 'videoTime'],
] as const;

/** How the picture is sent: four presets, and each setting behind "More". */
export function picturePanel(get: () => PictureSettings, set: (settings: PictureSettings) => void): Panel {
  const take = (settings: PictureSettings): void => {
    set(settings);
    show();
  };
  const presets = choice(
    text('picture'),
    PRESET_NAMES.map((value) => ({ value, label: text(NAMES[value][0]), why: text(NAMES[value][1]) })),
    (name: PresetName) => take(PRESETS[name]),
  );
  const sliders = SLIDERS.map(([name, label]) => ({
    name,
    control: slider(text(label), RANGES[name], (value) => take({ ...get(), [name]: value })),
  }));
  const webp = toggle(text('webp'), (isOn) => take({ ...get(), webp: isOn }));
  const show = (): void => {
    const settings = get();
    presets.set(presetOf(settings) as PresetName);
    // Without loss, the best level is what comes nearest.
    for (const { name, control } of sliders) control.set(settings[name] ?? RANGES[name].most);
    webp.set(settings.webp);
  };
  const more = h('details', {}, h('summary', {}, text('more')));
  more.append(...sliders.map(({ control }) => control.element), webp.element);
  return { title: 'picture', content: [presets.element, more], onOpen: show };
}
