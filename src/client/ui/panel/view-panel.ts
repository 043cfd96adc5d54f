import type { Preferences } from '../../preferences.ts';
import { text } from '../../text/texts.ts';
import { choice, slider, toggle } from '../controls.ts';
import type { Panel } from '../panels.ts';

type Name = 'scaleMode' | 'matchWindow' | 'wheelSpeed' | 'wheelReversed' | 'barHidden';

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
  const match = toggle(text('match'), (isOn) => set('matchWindow', isOn));
  const speed = slider(text('wheelSpeed'), { least: 0.25, most: 4, step: 0.25 }, (value) =>
    set('wheelSpeed', value),
  );
  const reverse = toggle(text('wheelReverse'), (isOn) => set('wheelReversed', isOn));
  const hidden = toggle(text('barHide'), (isOn) => set('barHidden', isOn));
  match.element.id = 'match';
  match.element.hidden = true;
  return {
    title: 'view',
    content: [scale.element, match.element, speed.element, reverse.element, hidden.element],
    onOpen() {
      scale.set(get('scaleMode'));
      match.set(get('matchWindow'));
      speed.set(get('wheelSpeed'));
      reverse.set(get('wheelReversed'));
      hidden.set(get('barHidden'));
    },
    setResizable(isPossible) {
      match.element.hidden = !isPossible;
    },
  };
}
