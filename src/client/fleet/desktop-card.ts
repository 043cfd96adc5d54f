import { fleetText as text } from '../text/fleet-texts.ts';
import { h } from '../ui/dom.ts';
import { type Deed, type DesktopViewers, deedsFor, type FleetDesktop } from './fleet-desktop.ts';
import { ViewerList } from './viewer-list.ts';
import { moment, sayReason } from './words.ts';

/** The state of a desktop in words. */
export function stateWords({ state, wanted, since }: FleetDesktop): string {
  if (wanted === 'gone') return text('leaving');
  if (state === 'starting' || state === 'running') return text(state);
  return text(`${state}At`, { time: moment(Date.parse(since)) });
}

/** One desktop in the list: its picture, its state, who is connected, and what the user can do with it. */
export class DesktopCard {
  readonly element: HTMLLIElement;
  readonly #name: string;
  readonly #link: HTMLAnchorElement;
  readonly #picture = h('img', { alt: '', width: 320, height: 200, decoding: 'async', hidden: true });
  readonly #state = h('span', {});
  readonly #why = h('p', { class: 'why' });
  readonly #viewers = new ViewerList();
  readonly #deeds = h('div', { class: 'deeds' });
  readonly #onDeed: (deed: Deed) => void;
  #desktop: FleetDesktop;
  #viewerCount: number | undefined;
  #shownDeeds = '';
  #isOpen = false;
  #url: string | undefined;

  constructor(desktop: FleetDesktop, onDeed: (deed: Deed) => void) {
    const { name } = desktop;
    this.#name = name;
    this.#desktop = desktop;
    this.#onDeed = onDeed;
    const id = `state-${name}`;
    this.#link = h('a', { href: `d/${name}/`, 'aria-describedby': id }, name);
    const state = h('p', { class: 'state', id }, h('span', { class: 'dot' }), this.#state);
    const about = h('div', { class: 'about' }, h('h2', {}, this.#link), state, this.#why);
    about.append(this.#viewers.element);
    const screen = h('div', { class: 'screen' }, this.#picture);
    this.element = h('li', { class: 'desktop' }, screen, about, this.#deeds);
    this.show(desktop);
  }

  /** The desktop as it was last shown, with as many viewers. */
  get desktop(): FleetDesktop {
    return { ...this.#desktop, viewers: this.#viewerCount ?? this.#desktop.viewers };
  }

  show(desktop: FleetDesktop): void {
    this.#desktop = desktop;
    this.element.dataset.state = desktop.wanted === 'gone' ? 'gone' : desktop.state;
    const words = stateWords(desktop);
    if (this.#state.textContent !== words) this.#state.textContent = words;
    const reason = desktop.wanted === 'gone' ? '' : sayReason(desktop.reason);
    if (this.#why.textContent !== reason) this.#why.textContent = reason;
    if (desktop.state !== 'running') {
      this.#viewers.clear();
      this.#viewerCount = undefined;
    }
    this.#showDeeds();
  }

  /** Shows who is connected. */
  viewers(viewers: DesktopViewers): void {
    if (this.#desktop.state !== 'running') return;
    this.#viewerCount = viewers.count;
    this.#viewers.show(viewers);
  }

  /** Shows a new picture. */
  picture(bytes: Blob): void {
    const old = this.#url;
    this.#url = URL.createObjectURL(bytes);
    this.#picture.src = this.#url;
    this.#picture.hidden = false;
    if (old !== undefined) URL.revokeObjectURL(old);
  }

  focus(): void {
    this.#link.focus();
  }

  remove(): void {
    this.element.remove();
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
  }

  /** Shows the buttons. They stay as they are while they are the same, so that they do not lose the keyboard. */
  #showDeeds(): void {
    const { first, more } = deedsFor(this.#desktop);
    const shown = [first, ...more, this.#isOpen].join();
    if (shown === this.#shownDeeds) return;
    this.#shownDeeds = shown;
    const hadFocus = this.#deeds.contains(document.activeElement);
    const buttons = first === undefined ? [] : [this.#button(first)];
    if (more.length > 0)
      buttons.push(this.#opener(), ...(this.#isOpen ? more.map((deed) => this.#button(deed)) : []));
    this.#deeds.replaceChildren(...buttons);
    if (hadFocus) (this.#deeds.querySelector<HTMLElement>('[aria-expanded]') ?? this.#link).focus();
  }

  #button(deed: Deed): HTMLButtonElement {
    const label = text('ofDesktop', { what: text(deed), name: this.#name });
    const kind = deed === 'remove' ? 'push danger' : 'push';
    return h(
      'button',
      { type: 'button', class: kind, 'aria-label': label, onclick: () => this.#onDeed(deed) },
      text(deed),
    );
  }

  /** The button that shows the others. */
  #opener(): HTMLButtonElement {
    return h(
      'button',
      {
        ...{ type: 'button', class: 'push', 'aria-expanded': String(this.#isOpen) },
        'aria-label': text('ofDesktop', { what: text('actions'), name: this.#name }),
        onclick: () => {
          this.#isOpen = !this.#isOpen;
          this.#showDeeds();
        },
      },
      text('actions'),
    );
  }
}
