import { button } from '../controls.ts';
import { h } from '../dom.ts';

let fields = 0;

/** A control with its name above it. */
export function labelled(
  label: string,
  control: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement,
): HTMLElement {
  control.id = `field-${++fields}`;
  return h('div', { class: 'field' }, h('label', { for: control.id }, label), control);
}

interface Option {
  readonly value: string;
  readonly label: string;
}

const optionOf = ({ value, label }: Option): HTMLOptionElement => h('option', { value }, label);

export const select = (options: readonly Option[]): HTMLSelectElement =>
  h('select', {}, ...options.map(optionOf));

/** Replaces the options of a select, and keeps what is chosen if it is still there. */
export function setOptions(control: HTMLSelectElement, options: readonly Option[]): void {
  const chosen = control.value;
  const isSame =
    control.options.length === options.length &&
    options.every(({ value, label }, i) => {
      const option = control.options[i]!;
      return option.value === value && option.label === label;
    });
  // A select that is open would close.
  if (isSame) return;
  control.replaceChildren(...options.map(optionOf));
  if (options.some(({ value }) => value === chosen)) control.value = chosen;
}

export interface ActionFormOptions {
  readonly submit: string;
  /** Without it the form cannot be left by a button. */
  readonly cancel?: { readonly label: string; readonly act: () => void };
  /** Whether the action takes something away for good. */
  readonly isDanger?: boolean;
  /** Until it resolves, the form cannot be sent again. */
  act(): Promise<void>;
}

/** A form that does something when it is sent. */
export function actionForm(fields: readonly (Node | string)[], options: ActionFormOptions): HTMLFormElement {
  const submit = h(
    'button',
    { type: 'submit', class: options.isDanger ? 'push danger' : 'push main' },
    options.submit,
  );
  const form = h(
    'form',
    { class: 'action-form' },
    ...fields,
    h(
      'div',
      { class: 'pushes' },
      submit,
      ...(options.cancel ? [button(options.cancel.label, options.cancel.act)] : []),
    ),
  );
  let isBusy = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    // A disabled button would lose the focus.
    submit.setAttribute('aria-disabled', 'true');
    void options.act().finally(() => {
      isBusy = false;
      submit.removeAttribute('aria-disabled');
    });
  });
  return form;
}

/** A button that opens a drawer. Its label names what the row is about, for readers that do not see the row. */
export function opener(label: string, fullLabel: string, onClick: () => void): HTMLButtonElement {
  const element = button(label, onClick);
  element.classList.add('small');
  element.setAttribute('aria-label', fullLabel);
  element.setAttribute('aria-expanded', 'false');
  return element;
}

export const heading = (text: string): HTMLElement => h('h3', {}, text);

/** A part of a panel that is closed until it is needed. */
export const folded = (summary: string, ...content: readonly Node[]): HTMLDetailsElement =>
  h('details', {}, h('summary', {}, summary), ...content);
