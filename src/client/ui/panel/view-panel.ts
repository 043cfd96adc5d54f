import type { Preferences } from '../../preferences.ts';
import { barText as text } from '../../text/bar-texts.ts';
import { DESKTOP_SCALES } from '../../view/desktop-scale.ts';
import { choice, dropDown, slider, toggle } from '../controls.ts';
import type { Panel } from '../panels.ts';

type Name =
  | 'scaleMode'
  | 'matchWindow'
  | 'desktopScale'
  | 'wheelSpeed'
  | 'wheelReversed'
  | 'barHidden'
  | 'viewOnly';

/** How large the desktop is shown, and how the wheel turns. */
export function viewPanel(
  get: <N extends Name>(name: N) => Preferences[N],
  set: <N extends Name>(name: N, value: Preferences[N]) => void,
): Panel & { setResizable(isPossible: boolean): void } {
  const scale = choice(
    text('size'),
    [
      { value: 'fit', label: text('fit') },
      { value: 'actual', label: text('actual') },
    ],
    (mode: Preferences['scaleMode']) => set('scaleMode', mode),
  );
  let isResizable = false;
  const match = toggle(text('match'), (isOn) => {
    set('matchWindow', isOn);
    showScale();
  });
  const desktopScale = dropDown(
    text('desktopScale'),
    DESKTOP_SCALES.map((value) => ({ value, label: value === 'auto' ? text('scaleAuto') : `${value} %` })),
    (scale) => set('desktopScale', scale),
  );
  /** Without the window's size, the desktop keeps its scale. */
  const showScale = (): void => {
    desktopScale.element.hidden = !isResizable || !get('matchWindow');
  };
  const speed = slider(text('wheelSpeed'), { least: 0.25, most: 4, step: 0.25 }, (value) =>
    set('wheelSpeed', value),
  );
  const reverse = toggle(text('wheelReverse'), (isOn) => set('wheelReversed', isOn));
  const hidden = toggle(text('barHide'), (isOn) => set('barHidden', isOn));
  const viewOnly = toggle(text('watchOnly'), (isOn) => set('viewOnly', isOn));
  match.element.id = 'match';
  match.element.hidden = true;
  desktopScale.element.id = 'desktop-scale';
  desktopScale.element.hidden = true;
  return {
    title: 'view',
    content: [
      scale.element,
      match.element,
      desktopScale.element,
      speed.element,
      reverse.element,
      viewOnly.element,
      hidden.element,
    ],
    onOpen() {
      scale.set(get('scaleMode'));
      match.set(get('matchWindow'));
      desktopScale.set(get('desktopScale'));
      showScale();
      speed.set(get('wheelSpeed'));
      reverse.set(get('wheelReversed'));
      viewOnly.set(get('viewOnly'));
      hidden.set(get('barHidden'));
    },
    setResizable(isPossible) {
      isResizable = isPossible;
      match.element.hidden = !isPossible;
      showScale();
    },
  };
}
