import { callApi } from '../api/call-api.ts';
import { fleetText as text } from '../text/fleet-texts.ts';
import { h } from '../ui/dom.ts';
import { openDialog } from './dialog.ts';
import { refusalSentence } from './refusals.ts';

/** As the server takes it. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

interface Template {
  readonly name: string;
}

export interface MakerOptions {
  /** Whether there is a desktop of this name. */
  has(name: string): boolean;
  onMade(name: string): void;
}

/** Opens the box in which an admin makes a desktop. */
export async function openMaker({ has, onMade }: MakerOptions): Promise<void> {
  // Without the list, the usual desktop can be made all the same.
  const templates = await callApi<Template[]>('GET', '/templates').catch(() => []);
  const name = h('input', {
    ...{ id: 'new-name', required: true, maxlength: 40, autocomplete: 'off', autocapitalize: 'none' },
    ...{ spellcheck: 'false', 'aria-describedby': 'new-hint new-refusal' },
  });
  const template = h(
    'select',
    { id: 'new-template' },
    h('option', { value: '' }, text('usual')),
    ...templates.map((one) => h('option', { value: one.name }, one.name)),
  );
  const refusal = h('p', { id: 'new-refusal', class: 'refusal', role: 'alert' });
  const submit = h('button', { type: 'submit', class: 'push main' }, text('create'));
  const field = (id: string, label: string, ...controls: readonly Node[]): HTMLElement =>
    h('div', { class: 'field' }, h('label', { for: id }, label), ...controls);

  const refuse = (sentence: string): void => {
    refusal.textContent = sentence;
    name.setAttribute('aria-invalid', 'true');
    name.focus();
  };
  let isBusy = false;
  const make = async (): Promise<void> => {
    const wanted = name.value.trim();
    if (isBusy) return;
    refusal.textContent = '';
    name.removeAttribute('aria-invalid');
    if (!NAME.test(wanted)) return refuse(text('nameInvalid'));
    // The server takes a call for the same desktop as a repeated one, and does nothing.
    if (has(wanted)) return refuse(text('nameTaken', { name: wanted }));
    isBusy = true;
    // A disabled button would lose the focus.
    submit.setAttribute('aria-disabled', 'true');
    try {
      const from = template.value === '' ? {} : { template: template.value };
      await callApi('POST', '/desktops', { name: wanted, ...from });
      dialog.close();
      onMade(wanted);
    } catch (error) {
      refuse(refusalSentence(error, wanted));
    } finally {
      isBusy = false;
      submit.removeAttribute('aria-disabled');
    }
  };

  const form = h(
    'form',
    {
      class: 'box-form',
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        void make();
      },
    },
    field('new-name', text('name'), name, h('small', { id: 'new-hint' }, text('nameHint'))),
    ...(templates.length > 0 ? [field('new-template', text('template'), template)] : []),
    refusal,
    h(
      'div',
      { class: 'pushes' },
      submit,
      h('button', { type: 'button', class: 'push', onclick: () => dialog.close() }, text('cancel')),
    ),
  );
  const dialog = openDialog(text('newDesktop'), form);
  name.focus();
}
