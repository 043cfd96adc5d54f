import { h } from '../dom.ts';
import { Drawer } from './drawer.ts';
import { actionForm, labelled, opener } from './form.ts';
import { bandwidth, localTime, milliseconds, short } from './format.ts';
import type { Outcome } from './outcome.ts';
import type { ListedViewer, PeopleApi } from './owner-api.ts';
import { peopleText as text } from './people-text.ts';
import { isolated, nameOf, phrase } from './phrase.ts';
import { type Row, Rows } from './rows.ts';

/** Characters of a reason, as the API takes it. */
const MOST_REASON = 200;

interface ViewerListOptions {
  readonly api: PeopleApi;
  readonly outcome: Outcome;
  /** Something has changed in the server. */
  changed(): void;
}

/** Who is connected, with what speed, and what ends a connection. */
export function viewerList(options: ViewerListOptions): Rows<ListedViewer> {
  return new Rows({
    label: text('connected'),
    empty: text('nobody'),
    keyOf: ({ id }) => id,
    create: (viewer) => viewerRow(viewer, options),
  });
}

function viewerRow(
  { id, user }: ListedViewer,
  { api, outcome, changed }: ViewerListOptions,
): Row<ListedViewer> {
  const facts = h('small', {});
  const badge = h('span', { class: 'badge', hidden: true }, text('viewOnly'));
  const button = opener(text('disconnect'), text('disconnectUser', { user: isolated(user) }), () =>
    drawer.toggle(button, form),
  );
  const head = h('div', { class: 'row-head' }, h('div', {}, nameOf(user), badge, facts), button);
  const element = h('li', { class: 'row' }, head);
  const drawer = new Drawer(element);
  const form = (): HTMLElement => {
    const reason = h('input', { type: 'text', maxlength: MOST_REASON, dir: 'auto' });
    return actionForm(
      [
        labelled(text('reason', { user: isolated(user) }), reason),
        h('p', { class: 'why' }, ...phrase(text('disconnectWhy'), { user: isolated(user) })),
      ],
      {
        submit: text('disconnect'),
        isDanger: true,
        cancel: { label: text('cancel'), act: () => drawer.close() },
        act: async () => {
          const isDone = await outcome.of(() => api.disconnect(id, reason.value.trim()));
          if (isDone) outcome.done(...phrase(text('disconnected'), { user: nameOf(user) }));
          drawer.close();
          changed();
        },
      },
    );
  };
  return {
    element,
    update(viewer) {
      badge.hidden = viewer.write;
      facts.replaceChildren(...factsOf(viewer));
    },
  };
}

function factsOf(viewer: ListedViewer): (Node | string)[] {
  const { address, connected_since: since, fps, bytes_per_second: bytes, latency_ms: latencyMs } = viewer;
  const facts = [
    ...(address === '' ? [] : [address]),
    text('since', { time: localTime(since) }),
    text('fps', { value: short(fps) }),
    bandwidth(bytes),
    ...(latencyMs === null ? [] : [milliseconds(latencyMs)]),
  ];
  // Each fact stays whole where the line breaks.
  return facts.map((fact) => h('span', {}, fact));
}
