import { toggle } from '../controls.ts';
import { h } from '../dom.ts';
import { Drawer } from './drawer.ts';
import { actionForm, labelled, opener } from './form.ts';
import type { Outcome } from './outcome.ts';
import type { ListedUser, PeopleApi } from './owner-api.ts';
import { peopleText as text } from './people-text.ts';
import { isolated, nameOf, phrase } from './phrase.ts';
import { type Row, Rows } from './rows.ts';

const RIGHTS = [
  ['read', 'see'],
  ['write', 'control'],
  ['owner', 'owner'],
] as const;

interface UserListOptions {
  readonly api: PeopleApi;
  readonly outcome: Outcome;
  /** Something has changed in the server, or was refused: what is shown may be wrong. */
  changed(): void;
}

/** The users with their rights, which a click changes, and what gives a new password or removes one. */
export function userList(options: UserListOptions): Rows<ListedUser> {
  return new Rows({
    label: text('users'),
    empty: text('noUsers'),
    keyOf: ({ user }) => user,
    create: ({ user }) => userRow(user, options),
  });
}

function userRow(user: string, options: UserListOptions): Row<ListedUser> {
  const { api, outcome, changed } = options;
  /** Changes that are under way. What was listed before them is not shown. */
  let changes = 0;
  const rights = RIGHTS.map(([name, label]) => {
    const control = toggle(text(label), (isOn) => {
      void (async () => {
        changes++;
        const isDone = await outcome.of(() => api.change({ user, [name]: isOn }));
        if (isDone) outcome.done(...phrase(text('rightsChanged'), { user: nameOf(user) }));
        else control.set(!isOn);
        changes--;
        changed();
      })();
    });
    return { name, control };
  });
  const group = h(
    'div',
    { class: 'rights', role: 'group', 'aria-label': text('rightsOf', { user: isolated(user) }) },
    ...rights.map(({ control }) => control.element),
  );
  const element = h('li', { class: 'row' });
  const drawer = new Drawer(element);
  const password = opener(text('password'), text('passwordOf', { user: isolated(user) }), () =>
    drawer.toggle(password, () => passwordForm(user, options, () => drawer.close())),
  );
  const remove = opener(text('remove'), text('removeUser', { user: isolated(user) }), () =>
    drawer.toggle(remove, () => removeForm(user, options, () => drawer.close())),
  );
  const name = h('div', { class: 'row-name' }, nameOf(user));
  element.append(
    h('div', { class: 'row-head' }, name, h('div', { class: 'row-actions' }, password, remove)),
    group,
  );
  return {
    element,
    update(now) {
      if (changes > 0) return;
      for (const { name, control } of rights) control.set(now[name]);
    },
  };
}

function passwordForm(
  user: string,
  { api, outcome, changed }: UserListOptions,
  close: () => void,
): HTMLElement {
  const password = newPasswordField();
  return actionForm(
    [
      labelled(text('passwordOf', { user: isolated(user) }), password),
      h('p', { class: 'why' }, text('passwordWhy', { user: isolated(user) })),
    ],
    {
      submit: text('save'),
      cancel: { label: text('cancel'), act: close },
      act: async () => {
        if (!(await outcome.of(() => api.change({ user, password: password.value })))) return;
        outcome.done(...phrase(text('passwordChanged'), { user: nameOf(user) }));
        close();
        changed();
      },
    },
  );
}

function removeForm(
  user: string,
  { api, outcome, changed }: UserListOptions,
  close: () => void,
): HTMLElement {
  return actionForm([h('p', { class: 'why' }, text('removeWhy', { user: isolated(user) }))], {
    submit: text('removeUser', { user: isolated(user) }),
    isDanger: true,
    cancel: { label: text('cancel'), act: close },
    act: async () => {
      if (await outcome.of(() => api.remove(user)))
        outcome.done(...phrase(text('removed'), { user: nameOf(user) }));
      close();
      changed();
    },
  });
}

/** A field for a password that is not the one of this page's user. */
export const newPasswordField = (): HTMLInputElement =>
  h('input', { type: 'password', autocomplete: 'new-password', required: true });
