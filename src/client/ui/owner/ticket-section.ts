import { h } from '../dom.ts';
import type { AccessApi, ListedTicket } from './access-api.ts';
import { accessText as text } from './access-text.ts';
import { actionForm, labelled, select, setOptions } from './form.ts';
import { localTime, timeOf } from './format.ts';
import type { Outcome } from './outcome.ts';
import { isolated, nameOf } from './phrase.ts';
import { revocableRow } from './revocable-row.ts';
import { Rows } from './rows.ts';
import { ShownOnce } from './shown-once.ts';

/** Minutes for which a link can open, of which the last one is the API's longest. */
const MINUTES = [1, 2, 5];
/** Logins that a link can have, as in the API. */
const MOST_USES = 100;

export interface SectionOptions {
  readonly api: AccessApi;
  readonly outcome: Outcome;
  changed(): void;
}

/** A part of the panel for links and tokens. */
export interface Section<Item> {
  readonly content: readonly HTMLElement[];
  show(items: readonly Item[], userNames: readonly string[]): void;
  /** What was shown once is gone. */
  forget(): void;
}

/** Makes links that log browsers in, lists and revokes them. */
export function ticketSection({ api, outcome, changed }: SectionOptions): Section<ListedTicket> {
  const shown = new ShownOnce(text('link'), outcome);
  const guestOption = { value: '', label: text('guest') };
  const who = select([guestOption]);
  const guest = h('input', { type: 'text', maxlength: 127, dir: 'auto', required: true });
  const rights = select([
    { value: 'see', label: text('see') },
    { value: 'control', label: text('seeAndControl') },
  ]);
  const life = select(
    MINUTES.map((count) => ({ value: String(count * 60), label: text('minutes', { count }) })),
  );
  const uses = h('input', { type: 'number', min: 1, max: MOST_USES, value: 1, required: true });
  const guestFields = [labelled(text('guestName'), guest), labelled(text('guestRights'), rights)];
  const showGuestFields = (): void => {
    const isGuest = who.value === '';
    guest.required = isGuest;
    for (const field of guestFields) field.hidden = !isGuest;
  };
  who.addEventListener('change', showGuestFields);
  const fields = [
    labelled(text('linkFor'), who),
    ...guestFields,
    labelled(text('linkLife'), life),
    labelled(text('uses'), uses),
  ];
  const form = actionForm([h('div', { class: 'field-grid' }, ...fields)], {
    submit: text('makeLink'),
    act: async () => {
      const holder =
        who.value === ''
          ? { guest: guest.value.trim(), write: rights.value === 'control' }
          : { user: who.value };
      await outcome.of(async () => {
        const ticket = { ...holder, expires_s: Number(life.value), uses: Number(uses.value) };
        const { url, expires } = await api.makeTicket(ticket);
        shown.show(url, text('linkOnce', { time: localTime(expires) }));
      });
      changed();
    },
  });
  const rows = new Rows<ListedTicket>({
    label: text('links'),
    empty: text('noLinks'),
    keyOf: ({ id }) => id,
    create: ({ id, user }) => {
      const row = revocableRow({
        name: nameOf(user),
        revoke: text('revokeLink', { name: isolated(user) }),
        why: text('revokeLinkWhy'),
        act: () => api.revokeTicket(id),
        outcome,
        changed,
      });
      return {
        element: row.element,
        update: (ticket) => row.facts.replaceChildren(factsOf(ticket)),
      };
    },
  });
  return {
    content: [h('p', { class: 'why' }, text('linksWhy')), form, shown.element, rows.element],
    show(tickets, userNames) {
      rows.show(tickets);
      const options = userNames.map((name) => ({ value: name, label: isolated(name) }));
      setOptions(who, [guestOption, ...options]);
      showGuestFields();
    },
    forget: () => shown.forget(),
  };
}

function factsOf({ read, write, expires, uses_left: count }: ListedTicket): string {
  const isOpen = count > 0 && timeOf(expires).getTime() > Date.now();
  const rights = write ? text('seeAndControl') : read ? text('see') : '';
  const state = isOpen ? text('linkOpen', { time: localTime(expires), count }) : text('linkOver');
  return rights === '' ? state : `${rights}; ${state}`;
}
