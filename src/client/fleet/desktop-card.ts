import { fleetText as text } from '../text/fleet-texts.ts';
import { h } from '../ui/dom.ts';
import { type Deed, deedsFor, type FleetDesktop } from './fleet-desktop.ts';

/** One desktop in the list: its picture, its state and what the user can do with it. */
export class DesktopCard {
  readonly element: HTMLLIElement;
  readonly #picture = h('img', { alt: '', width: 320, height: 200 });
  readonly #state = h('p', { class: 'state' });
  readonly #deeds = h('div', { class: 'deeds' });
  readonly #onDeed: (deed: Deed) => void;
  #shown = '';
  #url: string | undefined;

  constructor({ name }: FleetDesktop, onDeed: (deed: Deed) => void) {
    this.#onDeed = onDeed;
    const link = h('a', { href: `d/${name}/`, 'aria-label': text('open', { name }) }, this.#picture);
    this.element = h('li', { class: 'desktop' }, link, h('h2', {}, name), this.#state, this.#deeds);
  }

  show(desktop: FleetDesktop): void {
    const { state, wanted, reason, viewers } = desktop;
    const seen = state === 'running' ? text('viewers', { count: viewers }) : reason;
    const words = [text(wanted === 'gone' ? 'leaving' : state), seen].filter(Boolean).join(' · ');
    if (this.#state.textContent !== words) this.#state.textContent = words;
    this.element.dataset.state = state;
    const deeds = deedsFor(desktop);
    // Buttons stay as they are while they are the same, so that they do not lose the keyboard.
    if (deeds.join() === this.#shown) return;
    this.#shown = deeds.join();
    this.#deeds.replaceChildren(
      ...deeds.map((deed) =>
        h('button', { type: 'button', class: 'push', onclick: () => this.#onDeed(deed) }, text(deed)),
      ),
    );
  }

  /** Shows a new picture. */
  picture(bytes: Blob): void {
    const old = this.#url;
    this.#url = URL.createObjectURL(bytes);
    this.#picture.src = this.#url;
    if (old !== undefined) URL.revokeObjectURL(old);
  }

  remove(): void {
    this.element.remove();
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
  }
}
