import { h } from '../dom.ts';
import { actionForm, labelled, select, setOptions } from './form.ts';
import type { Outcome } from './outcome.ts';
import type { ListedViewer, PeopleApi } from './owner-api.ts';
import { peopleText as text } from './people-text.ts';
import { isolated } from './phrase.ts';

/** Characters of a message, as the API takes it. */
const MOST_CHARACTERS = 500;

/** Shows a line to all viewers, or to those of one user. */
export function messageForm(
  api: PeopleApi,
  outcome: Outcome,
): { readonly element: HTMLElement; show(viewers: readonly ListedViewer[]): void } {
  const line = h('input', { type: 'text', maxlength: MOST_CHARACTERS, required: true, dir: 'auto' });
  const everyone = { value: '', label: text('everyone') };
  const to = select([everyone]);
  const element = actionForm([labelled(text('messageText'), line), labelled(text('messageTo'), to)], {
    submit: text('send'),
    act: async () => {
      const isSent = await outcome.of(async () => {
        const count = await api.say(line.value.trim(), to.value || undefined);
        outcome.done(text('shownTo', { count }));
      });
      if (isSent) line.value = '';
    },
  });
  return {
    element,
    show(viewers) {
      const users = [...new Set(viewers.map(({ user }) => user))];
      setOptions(to, [everyone, ...users.map((user) => ({ value: user, label: isolated(user) }))]);
    },
  };
}
