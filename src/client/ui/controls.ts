import { h } from './dom.ts';

let ids = 0;
const newId = (): string => `control-${++ids}`;

/** A control with a value that the page may change, too. */
export interface Control<Value> {
  readonly element: HTMLElement;
  set(value: Value): void;
}

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
): Control<Value> {
  const id = newId();
  const select = h('select', { id, onchange: () => onChange(options[select.selectedIndex]!.value) });
  select.append(...options.map((option) => h('option', { value: String(option.value) }, option.label)));
  return {
    element: h('div', { class: 'drop-down' }, h('label', { for: id }, label), select),
    set(value) {
      select.selectedIndex = options.findIndex((option) => option.value === value);
    },
  };
}

export function toggle(label: string, onChange: (isOn: boolean) => void): Control<boolean> {
  const input = h('input', { type: 'checkbox', onchange: () => onChange(input.checked) });
  return {
    element: h('label', { class: 'option' }, input, h('span', {}, label)),
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
): Control<number> {
  const id = newId();
  const shown = h('output', { for: id });
  const input = h('input', {
    id,
    type: 'range',
    min: range.least,
    max: range.most,
    step: range.step,
    oninput: () => {
      shown.value = input.value;
    },
    onchange: () => onChange(Number(input.value)),
  });
  return {
    element: h('div', { class: 'slider' }, h('label', { for: id }, label), shown, input),
    set(value) {
      input.value = String(value);
      shown.value = input.value;
    },
  };
}

export const button = (label: string, onClick: () => void): HTMLButtonElement =>
  h('button', { type: 'button', class: 'push', onclick: onClick }, label);
