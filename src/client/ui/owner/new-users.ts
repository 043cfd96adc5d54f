import { h } from '../dom.ts';
import { actionForm, folded, labelled, select } from './form.ts';
import type { Outcome } from './outcome.ts';
import type { PeopleApi } from './owner-api.ts';
import { peopleText as text } from './people-text.ts';
import { nameOf, phrase } from './phrase.ts';
import { type LineFault, type RightName, readUserLines, rightsOf } from './user-lines.ts';
import { newPasswordField } from './user-list.ts';

interface NewUsersOptions {
  readonly api: PeopleApi;
  readonly outcome: Outcome;
  changed(): void;
}

/** Adds one user. */
export function newUserForm({ api, outcome, changed }: NewUsersOptions): HTMLElement {
  const name = h('input', {
    type: 'text',
    required: true,
    dir: 'auto',
    // Not the name of this page's user, which the browser knows.
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
  });
  const password = newPasswordField();
  const right = select([
    { value: 'view', label: text('seeOnly') },
    { value: 'control', label: text('seeAndControl') },
    { value: 'owner', label: text('own') },
  ]);
  const form = actionForm(
    [labelled(text('name'), name), labelled(text('password'), password), labelled(text('rights'), right)],
    {
      submit: text('addButton'),
      act: async () => {
        const user = name.value;
        const rights = rightsOf(right.value as RightName);
        if (!(await outcome.of(() => api.add([{ user, password: password.value, ...rights }])))) return;
        outcome.done(...phrase(text('added'), { user: nameOf(user) }));
        form.reset();
        changed();
      },
    },
  );
  return folded(text('add'), form);
}

const FAULTS: Readonly<Record<LineFault['fault'], Parameters<typeof text>[0]>> = {
  columns: 'lineColumns',
  right: 'lineRight',
  twice: 'lineTwice',
};

/** Adds a pasted list of users: all of them, or none. */
export function newUsersForm({ api, outcome, changed }: NewUsersOptions): HTMLElement {
  const why = h('p', { class: 'why', id: 'lines-why' }, text('linesWhy'));
  const lines = h('textarea', {
    rows: 5,
    dir: 'auto',
    spellcheck: 'false',
    autocapitalize: 'off',
    'aria-describedby': why.id,
    placeholder: 'ann  her-password  view\nbob  his-password  control',
  });
  const form = actionForm([labelled(text('lines'), lines), why], {
    submit: text('addButton'),
    act: async () => {
      const { users, faults } = readUserLines(lines.value);
      const [first] = faults;
      if (first) {
        outcome.refused(text(FAULTS[first.fault], { line: first.line }));
        return;
      }
      if (users.length === 0) {
        outcome.refused(text('linesNone'));
        return;
      }
      if (!(await outcome.of(() => api.add(users)))) return;
      outcome.done(text('addedMany', { count: users.length }));
      form.reset();
      changed();
    },
  });
  return folded(text('addMany'), form);
}
