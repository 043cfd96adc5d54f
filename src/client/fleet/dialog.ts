import { fleetText as text } from '../text/fleet-texts.ts';
import { h } from '../ui/dom.ts';

let dialogs = 0;

/** A box over the page, which is closed by Escape, too. It goes away when it is closed. */
export function openDialog(title: string, ...content: readonly Node[]): HTMLDialogElement {
  const id = `dialog-${++dialogs}`;
  const dialog = h('dialog', { class: 'box', 'aria-labelledby': id }, h('h2', { id }, title), ...content);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks before something that cannot be taken back. Resolves with whether the user wants it. */
export function confirmed(title: string, why: string, action: string): Promise<boolean> {
  return new Promise((resolve) => {
    const button = (label: string, kind: string, value: string): HTMLButtonElement =>
      h('button', { class: kind, value }, label);
    const form = h(
      'form',
      { method: 'dialog', class: 'box-form' },
      h('p', {}, why),
      h('div', { class: 'pushes' }, button(action, 'push danger', 'yes'), button(text('cancel'), 'push', '')),
    );
    const dialog = openDialog(title, form);
    // What does no harm has the keyboard first.
    form.querySelector<HTMLElement>('.push:last-child')!.focus();
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'));
  });
}
