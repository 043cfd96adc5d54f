import { h } from './dom.ts';

let ids = 0;
const newId = (): string => `control-${++ids}`;

/** A control with a value that the page may change, too. */
export interface Control<Value> {
  readonly element: HTMLElement;
  set(value: Value): void;
}

/** A sentence that explains a control, if it needs one. */
const explanation = (id: string, why: string | undefined): HTMLElement[] =>
  why === undefined ? [] : [h('small', { id: `${id}-why` }, why)];

/** One of several values. Each has a label, and may have a sentence that explains it. The legend is not shown. */
export function choice<Value extends string>(
  legend: string,
  options: readonly { readonly value: Value; readonly label: string; readonly why?: string }[],
  onChange: (value: Value) => void,
): Control<Value> {
  const name = newId();
  const inputs = new Map<Value, HTMLInputElement>();
  const rows = options.map(({ value, label, why }) => {
    const input = h('input', { type: 'radio', name, value, onchange: () => onChange(value) });
    inputs.set(value, input);
    const text = h('span', {}, label);
    if (why !== undefined) text.append(h('small', {}, why));
    return h('label', { class: 'option' }, input, text);
  });
  return {
    element: h('fieldset', { class: 'choice' }, h('legend', { class: 'visually-hidden' }, legend), ...rows),
    set(value) {
      for (const [option, input] of inputs) input.checked = option === value;
    },
  };
}

/** One of many values, in a list that opens. */
export function dropDown<Value extends string | number>(
  label: string,
  options: readonly { readonly value: Value; readonly label: string }[],
  onChange: (value: Value) => void,
  why?: string,
): Control<Value> {
  const id = newId();
  const about = explanation(id, why);
  const select = h('select', {
    ...{ id, 'aria-describedby': about[0]?.id },
    onchange: () => onChange(options[select.selectedIndex]!.value),
  });
  select.append(...options.map((option) => h('option', { value: String(option.value) }, option.label)));
  return {
    element: h('div', { class: 'drop-down' }, h('label', { for: id }, label), select, ...about),
    set(value) {
      select.selectedIndex = options.findIndex((option) => option.value === value);
    },
  };
}

export function toggle(label: string, onChange: (isOn: boolean) => void, why?: string): Control<boolean> {
  const input = h('input', { type: 'checkbox', onchange: () => onChange(input.checked) });
  const text = h('span', {}, label);
  if (why !== undefined) text.append(h('small', {}, why));
  return {
    element: h('label', { class: 'option' }, input, text),
    set(isOn) {
      input.checked = isOn;
    },
  };
}

/** A number in a range, which is shown beside it. */
export function slider(
  label: string,
  range: { readonly least: number; readonly most: number; readonly step: number },
  onChange: (value: number) => void,
  why?: string,
): Control<number> {
  const id = newId();
  const about = explanation(id, why);
  const shown = h('output', { for: id });
  const input = h('input', {
    id,
    type: 'range',
    'aria-describedby': about[0]?.id,
    min: range.least,
    max: range.most,
    step: range.step,
    oninput: () => {
      shown.value = input.value;
    },
    onchange: () => onChange(Number(input.value)),
  });
  return {
    element: h('div', { class: 'slider' }, h('label', { for: id }, label), shown, input, ...about),
    set(value) {
      input.value = String(value);
      shown.value = input.value;
    },
  };
}

export const button = (label: string, onClick: () => void): HTMLButtonElement =>
  h('button', { type: 'button', class: 'push', onclick: onClick }, label);
