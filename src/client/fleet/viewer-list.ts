import { fleetText as text } from '../text/fleet-texts.ts';
import { h } from '../ui/dom.ts';
import { nameOf } from '../ui/owner/phrase.ts';
import { LACKING_BELOW } from '../ui/owner/verdict.ts';
import type { DesktopViewers } from './fleet-desktop.ts';
import { grade } from './words.ts';

/** Names on a card. More make it longer than the others of its row; a sentence has their number. */
const MOST_NAMES = 5;

/** What holds a viewer up, in words. Empty if nothing does. */
export function slowness({ cpu, network }: { readonly cpu: number; readonly network: number }): string {
  const words = [
    network < LACKING_BELOW ? text('slowNetwork', { grade: grade(network) }) : '',
    cpu < LACKING_BELOW ? text('slowServer', { grade: grade(cpu) }) : '',
  ];
  return words.filter(Boolean).join(', ');
}

/** Who is connected to a desktop, on its card. */
export class ViewerList {
  readonly element = h('div', { class: 'viewers' });
  #shown = '';

  show({ count, named }: DesktopViewers): void {
    const rows = (named ?? []).map((viewer) => [viewer.user, slowness(viewer)] as const);
    // Those who are slow come first.
    rows.sort(([userA, slowA], [userB, slowB]) =>
      (slowA === '') === (slowB === '') ? userA.localeCompare(userB) : slowA === '' ? 1 : -1,
    );
    const shown = JSON.stringify([count, rows]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (named === undefined || count === 0) {
      const line = count === 0 ? text('nobody') : text('viewers', { count });
      this.element.replaceChildren(h('p', {}, line));
      return;
    }
    const names = rows.slice(0, MOST_NAMES).map(([user, slow]) => {
      const badge = slow === '' ? [] : [' ', h('span', { class: 'slow' }, slow)];
      return h('li', {}, nameOf(user), ...badge);
    });
    if (count > names.length) names.push(h('li', {}, text('more', { count: count - names.length })));
    this.element.replaceChildren(h('ul', { 'aria-label': text('connected') }, ...names));
  }

  clear(): void {
    this.#shown = '';
    this.element.replaceChildren();
  }
}
