import { h } from '../dom.ts';
import { accessText as text } from './access-text.ts';
import { Drawer } from './drawer.ts';
import { actionForm, opener } from './form.ts';
import type { Outcome } from './outcome.ts';

interface RevocableRowOptions {
  readonly name: HTMLElement;
  /** Names what is revoked. */
  readonly revoke: string;
  /** What follows from that. */
  readonly why: string;
  readonly outcome: Outcome;
  act(): Promise<void>;
  changed(): void;
}

/** A row of a list of what can be revoked, after a question. */
export function revocableRow({ name, revoke, why, outcome, act, changed }: RevocableRowOptions): {
  readonly element: HTMLElement;
  readonly facts: HTMLElement;
} {
  const facts = h('small', {});
  const element = h('li', { class: 'row' });
  const drawer = new Drawer(element);
  const button = opener(text('revoke'), revoke, () =>
    drawer.toggle(button, () =>
      actionForm([h('p', { class: 'why' }, why)], {
        submit: text('revoke'),
        isDanger: true,
        cancel: { label: text('cancel'), act: () => drawer.close() },
        act: async () => {
          if (await outcome.of(act)) outcome.done(text('revoked'));
          drawer.close();
          changed();
        },
      }),
    ),
  );
  element.append(h('div', { class: 'row-head' }, h('div', {}, name, facts), button));
  return { element, facts };
}
