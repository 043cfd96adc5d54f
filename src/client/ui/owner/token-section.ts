import { toggle } from '../controls.ts';
import { h } from '../dom.ts';
import type { ListedToken } from './access-api.ts';
import { accessText as text } from './access-text.ts';
import { actionForm, labelled, select, setOptions } from './form.ts';
import { localTime } from './format.ts';
import { isolated, nameOf } from './phrase.ts';
import { revocableRow } from './revocable-row.ts';
import { Rows } from './rows.ts';
import { ShownOnce } from './shown-once.ts';
import type { Section, SectionOptions } from './ticket-section.ts';

/** Days for which a token can be valid, and the API's default. */
const DAYS = [1, 7, 30, 90, 365];
const DEFAULT_DAYS = 90;
const SECONDS_A_DAY = 24 * 60 * 60;

/** The API's scopes, and what each lets a program do. */
const SCOPES = {
  stats: 'stats',
  screenshot: 'screenshot',
  events: 'events',
  users: 'users',
  viewers: 'viewers',
  clipboard: 'clipboard',
  files: 'files',
  tickets: 'tickets',
  view: 'view',
  control: 'controlScope',
  admin: 'admin',
} as const;
type Scope = keyof typeof SCOPES;

/** Makes tokens for programs, lists and revokes them. */
export function tokenSection({ api, outcome, changed }: SectionOptions): Section<ListedToken> {
  const shown = new ShownOnce(text('token'), outcome);
  const name = h('input', { type: 'text', maxlength: 64, required: true, dir: 'auto' });
  const myself = { value: '', label: text('myself') };
  const user = select([myself]);
  const life = select(
    DAYS.map((count) => ({ value: String(count * SECONDS_A_DAY), label: text('days', { count }) })),
  );
  life.value = String(DEFAULT_DAYS * SECONDS_A_DAY);
  const chosen = new Set<Scope>();
  const scopes = (Object.keys(SCOPES) as Scope[]).map((scope) =>
    toggle(text(SCOPES[scope]), (isOn) => {
      if (isOn) chosen.add(scope);
      else chosen.delete(scope);
    }),
  );
  const fields = [
    labelled(text('tokenName'), name),
    labelled(text('tokenLife'), life),
    labelled(text('tokenUser'), user),
  ];
  const form = actionForm(
    [
      h('div', { class: 'field-grid' }, ...fields),
      h(
        'fieldset',
        { class: 'scopes' },
        h('legend', {}, text('scopes')),
        ...scopes.map(({ element }) => element),
      ),
    ],
    {
      submit: text('makeToken'),
      act: async () => {
        if (chosen.size === 0) {
          outcome.refused(text('scopesMissing'));
          return;
        }
        await outcome.of(async () => {
          const made = await api.makeToken({
            name: name.value.trim(),
            scopes: [...chosen],
            expires_s: Number(life.value),
            ...(user.value !== '' && { user: user.value }),
          });
          shown.show(made, text('tokenOnce'));
        });
        changed();
      },
    },
  );
  const rows = new Rows<ListedToken>({
    label: text('tokens'),
    empty: text('noTokens'),
    keyOf: ({ id }) => id,
    create: ({ id, name: named }) => {
      const row = revocableRow({
        name: nameOf(named),
        revoke: text('revokeToken', { name: isolated(named) }),
        why: text('revokeTokenWhy'),
        act: () => api.revokeToken(id),
        outcome,
        changed,
      });
      return { element: row.element, update: (token) => row.facts.replaceChildren(factsOf(token)) };
    },
  });
  return {
    content: [h('p', { class: 'why' }, text('tokensWhy')), form, shown.element, rows.element],
    show(tokens, userNames) {
      rows.show(tokens);
      setOptions(user, [myself, ...userNames.map((known) => ({ value: known, label: isolated(known) }))]);
    },
    forget: () => shown.forget(),
  };
}

function factsOf({ user, expires, last_used: usedAt, scopes }: ListedToken): string {
  const used = usedAt === null ? text('neverUsed') : text('usedAt', { time: localTime(usedAt) });
  const facts = text('tokenFacts', { user: isolated(user), time: localTime(expires), used });
  return `${scopes.join(', ')}; ${facts}`;
}
