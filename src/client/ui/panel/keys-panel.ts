import type { NamedKey } from '../../input/keyboard.ts';
import { barText as text } from '../../text/bar-texts.ts';
import { toggle } from '../controls.ts';
import { h } from '../dom.ts';
import type { Panel } from '../panels.ts';

const named = (key: string, code = key, location = 0): NamedKey => ({ key, code, location });

const CTRL = named('Control', 'ControlLeft', 1);
const ALT = named('Alt', 'AltLeft', 1);
const SHIFT = named('Shift', 'ShiftLeft', 1);
const SUPER = named('Meta', 'MetaLeft', 1);

const HELD: readonly (readonly [label: string, key: NamedKey])[] = [
  ['Ctrl', CTRL],
  ['Alt', ALT],
  ['Shift', SHIFT],
  ['Super', SUPER],
  ['AltGr', named('AltGraph', 'AltRight', 2)],
];

/** Combinations that browsers keep for themselves, and keys that small keyboards lack. */
const SENT: readonly (readonly [label: string, ...keys: NamedKey[]])[] = [
  ['Ctrl Alt Del', CTRL, ALT, named('Delete')],
  ['Alt Tab', ALT, named('Tab')],
  ['Ctrl W', CTRL, named('w', 'KeyW')],
  ['Ctrl T', CTRL, named('t', 'KeyT')],
  ['Ctrl N', CTRL, named('n', 'KeyN')],
  ['Esc', named('Escape')],
  ['Tab', named('Tab')],
  ['Del', named('Delete')],
  ['Ins', named('Insert')],
  ['PrtSc', named('PrintScreen')],
  ['Home', named('Home')],
  ['End', named('End')],
  ['PgUp', named('PageUp')],
  ['PgDn', named('PageDown')],
  ['←', named('ArrowLeft')],
  ['↑', named('ArrowUp')],
  ['↓', named('ArrowDown')],
  ['→', named('ArrowRight')],
  ...Array.from({ length: 12 }, (_, i) => [`F${i + 1}`, named(`F${i + 1}`)] as const),
];

interface KeyActions {
  chord(keys: readonly NamedKey[]): void;
  hold(key: NamedKey, isDown: boolean): void;
  /** Undefined if the user's computer has no Command key. */
  readonly command: { get(): boolean; set(isControl: boolean): void } | undefined;
}

/** Keys that a browser or a small keyboard does not deliver. */
export function keysPanel(actions: KeyActions): Panel & { released(): void } {
  const held = HELD.map(([label, key]) => {
    const button = h(
      'button',
      {
        type: 'button',
        class: 'key',
        'aria-pressed': 'false',
        onclick: () => {
          const isDown = button.getAttribute('aria-pressed') !== 'true';
          button.setAttribute('aria-pressed', String(isDown));
          actions.hold(key, isDown);
        },
      },
      label,
    );
    return button;
  });
  const sent = SENT.map(([label, ...keys]) =>
    h('button', { type: 'button', class: 'key', onclick: () => actions.chord(keys) }, label),
  );
  const command = actions.command && toggle(text('commandIsControl'), (isOn) => actions.command?.set(isOn));
  return {
    title: 'keys',
    content: [
      h('fieldset', { class: 'key-row' }, h('legend', {}, text('keysHeld')), ...held),
      h('fieldset', { class: 'key-row' }, h('legend', {}, text('keysSend')), ...sent),
      ...(command ? [command.element] : []),
    ],
    onOpen: () => command?.set(actions.command!.get()),
    released() {
      for (const button of held) button.setAttribute('aria-pressed', 'false');
    },
  };
}
