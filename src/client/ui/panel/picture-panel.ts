import {
  CHROMAS,
  type Chroma,
  type PictureSettings,
  PRESET_NAMES,
  PRESETS,
  type PresetName,
  presetOf,
  RANGES,
  VIDEO_SIZES,
} from '../../picture-settings.ts';
import { type BarTextName, barText as text } from '../../text/bar-texts.ts';
import { type Control, choice, dropDown, slider, toggle } from '../controls.ts';
import { h } from '../dom.ts';
import type { Panel } from '../panels.ts';

const NAMES: Readonly<Record<PresetName, readonly [label: BarTextName, why: BarTextName]>> = {
  low: ['presetLow', 'presetLowWhy'],
  balanced: ['presetBalanced', 'presetBalancedWhy'],
  sharp: ['presetSharp', 'presetSharpWhy'],
  lossless: ['presetLossless', 'presetLosslessWhy'],
};

/** Names of settings, with those of their texts. The effect of each is explained by the text that ends with `Why`. */
const SLIDERS = {
  quality: 'quality',
  movingQuality: 'qualityMoving',
  videoQuality: 'qualityVideo',
  framesPerSecond: 'frameRate',
  compression: 'compression',
  videoArea: 'videoArea',
  videoTime: 'videoTime',
  videoOutTime: 'videoOutTime',
} as const;
const SWITCHES = ['losslessStill', 'webp', 'smallest', 'videoSmooth'] as const;

const CHROMA_TEXTS: Readonly<Record<Chroma, BarTextName>> = {
  auto: 'chromaAuto',
  '4:4:4': 'chromaFull',
  '4:2:2': 'chromaHalf',
  '4:2:0': 'chromaQuarter',
};

/** The order of the settings behind "More": the usual picture, then video. */
const ORDER = [
  ...(['quality', 'movingQuality', 'framesPerSecond', 'losslessStill', 'chroma', 'compression'] as const),
  ...(['webp', 'smallest'] as const),
  ...(['videoArea', 'videoTime', 'videoOutTime', 'videoQuality', 'videoSize', 'videoSmooth'] as const),
];

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
  const more = h('details', {}, h('summary', {}, text('more')));
  const fine = fineSettings((change) => take({ ...get(), ...change }));
  more.append(...ORDER.map((name) => fine[name].element));
  const show = (): void => {
    const settings = get();
    presets.set(presetOf(settings) as PresetName);
    for (const name of ORDER) {
      // Without loss, the best level is what comes nearest.
      const value = settings[name] ?? RANGES.quality.most;
      (fine[name] as Control<typeof value>).set(value);
    }
  };
  return { title: 'picture', content: [presets.element, more], onOpen: show };
}

type FineSettings = {
  readonly [Name in (typeof ORDER)[number]]: Control<NonNullable<PictureSettings[Name]>>;
};

/** A control for each setting, with its effect. */
function fineSettings(change: (settings: Partial<PictureSettings>) => void): FineSettings {
  const numbers = Object.entries(SLIDERS).map(([key, label]) => {
    const name = key as keyof typeof SLIDERS;
    return [
      name,
      slider(text(label), RANGES[name], (value) => change({ [name]: value }), text(`${label}Why`)),
    ];
  });
  const switches = SWITCHES.map((name) => [
    name,
    toggle(text(name), (isOn) => change({ [name]: isOn }), text(`${name}Why`)),
  ]);
  const chroma = dropDown(
    text('chroma'),
    CHROMAS.map((value) => ({ value, label: text(CHROMA_TEXTS[value]) })),
    (value) => change({ chroma: value }),
    text('chromaWhy'),
  );
  const videoSize = dropDown(
    text('videoSize'),
    VIDEO_SIZES.map((value) => ({
      value,
      label: value === 'auto' ? text('videoSizeAuto') : value.replace('x', ' × '),
    })),
    (value) => change({ videoSize: value }),
    text('videoSizeWhy'),
  );
  return { ...Object.fromEntries([...numbers, ...switches]), chroma, videoSize } as FineSettings;
}
