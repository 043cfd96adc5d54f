import { fleetText as text } from '../text/fleet-texts.ts';
import { h } from '../ui/dom.ts';
import { DesktopCard, stateWords } from './desktop-card.ts';
import type { Deed, FleetDesktop } from './fleet-desktop.ts';
import { Sight } from './sight.ts';

/** Desktops from which on a field to find one is shown. Fewer are seen at a glance. */
const FIND_FROM = 10;

export interface WallOptions {
  /** Id of the list's heading. */
  readonly labelledBy: string;
  onDeed(desktop: FleetDesktop, deed: Deed): void;
  /** Further cards can be seen. */
  onSeen(): void;
  /** A desktop is not that of before, although it may have the same name. */
  onGone(name: string): void;
  /** Says something to the user that changes after something that the user did. */
  say(sentence: string): void;
}

/** The list of desktops. */
export class Wall {
  readonly element: HTMLElement;
  readonly #options: WallOptions;
  readonly #list: HTMLUListElement;
  readonly #find: HTMLInputElement;
  readonly #findField: HTMLElement;
  readonly #none = h('p', { class: 'none' });
  readonly #cards = new Map<string, DesktopCard>();
  readonly #sight: Sight;
  readonly #order = new Intl.Collator(undefined, { numeric: true });
  /** Desktops with which the user did something, and their states then. */
  readonly #awaited = new Map<string, string>();
  #noneText = '';

  constructor(options: WallOptions) {
    this.#options = options;
    this.#sight = new Sight(() => options.onSeen());
    this.#find = h('input', { id: 'find', type: 'search', oninput: () => this.#filter() });
    this.#findField = h('div', { class: 'find', hidden: true });
    this.#findField.append(h('label', { for: this.#find.id }, text('find')), this.#find);
    this.#list = h('ul', { class: 'wall', 'aria-labelledby': options.labelledBy });
    this.element = h('div', {}, this.#findField, this.#none, this.#list);
  }

  /** Shows these desktops, and no others. `none` says that there is none. */
  show(desktops: readonly FleetDesktop[], none: string): void {
    this.#noneText = none;
    const names = new Set(desktops.map(({ name }) => name));
    for (const name of [...this.#cards.keys()]) if (!names.has(name)) this.#drop(name);
    const sorted = [...desktops].sort((a, b) => this.#order.compare(a.name, b.name));
    let before: Element | null = null;
    for (const desktop of sorted) {
      const card = this.#cards.get(desktop.name) ?? this.#add(desktop);
      card.show(desktop);
      this.#tell(desktop);
      const place: Element | null =
        before === null ? this.#list.firstElementChild : before.nextElementSibling;
      if (place !== card.element) this.#list.insertBefore(card.element, place);
      before = card.element;
    }
    this.#findField.hidden = sorted.length < FIND_FROM;
    if (this.#findField.hidden) this.#find.value = '';
    this.#filter();
  }

  /** Tells the user when this desktop has another state, because the user has asked for it. */
  await(name: string): void {
    this.#awaited.set(name, this.#cards.get(name)?.desktop.state ?? '');
  }

  has(name: string): boolean {
    return this.#cards.has(name);
  }

  /** Shows a desktop to the user: moves the focus there. */
  focus(name: string): void {
    this.#cards.get(name)?.focus();
  }

  /** Desktops that run and can be seen, by name. */
  seen(): ReadonlyMap<string, DesktopCard> {
    const runs = ({ desktop, element }: DesktopCard): boolean =>
      desktop.state === 'running' && desktop.wanted !== 'gone' && this.#sight.sees(element);
    return new Map([...this.#cards].filter(([, card]) => runs(card)));
  }

  clear(): void {
    for (const name of [...this.#cards.keys()]) this.#drop(name);
    this.#awaited.clear();
    this.#none.textContent = '';
    this.#findField.hidden = true;
  }

  #add(desktop: FleetDesktop): DesktopCard {
    const { name } = desktop;
    const card: DesktopCard = new DesktopCard(desktop, (deed) => this.#options.onDeed(card.desktop, deed));
    this.#cards.set(name, card);
    this.#sight.add(card.element);
    return card;
  }

  #drop(name: string): void {
    const card = this.#cards.get(name)!;
    const { element } = card;
    const next = (element.nextElementSibling ?? element.previousElementSibling) as HTMLElement | null;
    const hadFocus = element.contains(document.activeElement);
    this.#sight.drop(element);
    card.remove();
    this.#cards.delete(name);
    this.#options.onGone(name);
    // The keyboard goes on from there.
    if (hadFocus) (next?.querySelector('a') ?? this.#find).focus();
    if (this.#awaited.delete(name)) this.#options.say(text('removed', { name }));
  }

  #tell(desktop: FleetDesktop): void {
    const { name, state } = desktop;
    const before = this.#awaited.get(name);
    if (before === undefined || before === state) return;
    this.#options.say(text('ofDesktop', { what: name, name: stateWords(desktop) }));
    if (state === 'starting') this.#awaited.set(name, state);
    else this.#awaited.delete(name);
  }

  /** Shows the desktops whose names have what the user looks for. */
  #filter(): void {
    const wanted = this.#find.value.trim().toLowerCase();
    let shown = 0;
    for (const [name, { element }] of this.#cards) {
      element.hidden = !name.includes(wanted);
      if (!element.hidden) shown++;
    }
    const line = this.#cards.size === 0 ? this.#noneText : shown === 0 ? text('noneFound') : '';
    if (this.#none.textContent !== line) this.#none.textContent = line;
  }
}
