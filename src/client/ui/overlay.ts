import { text } from '../text/texts.ts';
import { h } from './dom.ts';
import { type EnteredLogin, LoginForm } from './login-form.ts';

/** Content of the card in the middle of the page. */
export type OverlayView =
  | { readonly kind: 'none' }
  | { readonly kind: 'connecting'; readonly title: string; readonly reason?: string }
  | { readonly kind: 'notice'; readonly title: string; readonly reason: string }
  | { readonly kind: 'waiting'; readonly title: string; readonly reason: string; readonly retryAtMs: number }
  | {
      readonly kind: 'ended';
      readonly title: string;
      readonly reason: string;
      readonly action: string;
      /** A second way on: the user logs in as somebody else. */
      readonly other?: string;
    }
  /** The form for name and password. */
  | { readonly kind: 'form'; readonly title: string; readonly reason: string };

/**
 * Time from the page's start for which its card does not say that the page connects, in ms. With a smaller value, the
 * card flashes before a picture that comes soon, and laying its text out takes time from that; with a larger one, a
 * page on a slow link shows nothing for longer.
 */
const SILENT_MS = 250;

/** Shows why there is no picture, when the page retries, and what the user can do. Times are of `performance.now()`. */
export class Overlay {
  readonly #root: HTMLElement;
  readonly #title = h('h1', { id: 'overlay-title', class: 'card-title' });
  readonly #reason = h('p', { id: 'overlay-reason', class: 'card-reason' });
  readonly #countdown = h('p', { id: 'overlay-countdown', class: 'card-countdown', 'aria-live': 'off' });
  readonly #action = h('button', { id: 'overlay-action', type: 'button', class: 'action', hidden: true });
  readonly #other = h('button', { id: 'overlay-other', type: 'button', class: 'push', hidden: true });
  readonly #card: HTMLElement;
  readonly form: LoginForm;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Runs while the page connects and its card does not say so yet. */
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** Called when the user asks for a retry now. */
  onAction: () => void = () => {};
  /** Called when the user wants to log in as somebody else. */
  onOther: () => void = () => {};
  /** Called when the user has entered name and password. */
  onEntered: (login: EnteredLogin) => void = () => {};

  /** `fleet` is where the other desktops are listed, if there are any. */
  constructor(parent: ParentNode, fleet?: URL) {
    const mark = h('span', { class: 'mark', 'aria-hidden': 'true' });
    this.form = new LoginForm(this.#title.id, (login) => this.onEntered(login));
    const texts = [this.#title, this.#reason, this.#countdown];
    this.#card = h('div', { class: 'card', hidden: true }, mark, ...texts, this.#action, this.#other);
    if (fleet) this.#card.append(h('a', { class: 'card-way', href: fleet.href }, text('allDesktops')));
    this.#silence = setTimeout(() => {
      this.#endSilence();
      this.#card.hidden = false;
    }, SILENT_MS);
    this.#root = h(
      'section',
      { id: 'overlay', class: 'overlay', 'data-kind': 'connecting', 'aria-live': 'polite' },
      this.#card,
    );
    parent.append(this.#root);
    this.#action.addEventListener('click', () => this.onAction());
    this.#other.addEventListener('click', () => this.onOther());
  }

  show(view: OverlayView): void {
    clearInterval(this.#timer);
    this.#root.dataset.kind = view.kind;
    if (view.kind !== 'connecting') this.#endSilence();
    if (view.kind !== 'none' && this.#silence === undefined) this.#card.hidden = false;
    if (view.kind !== 'form') this.form.close();
    if (view.kind === 'none') return;
    // Readers for blind users say again what is set again.
    if (this.#title.textContent !== view.title) this.#title.textContent = view.title;
    if (this.#reason.textContent !== (view.reason ?? '')) this.#reason.textContent = view.reason ?? '';
    this.#countdown.textContent = '';
    const hasAction = view.kind === 'waiting' || view.kind === 'ended';
    this.#action.hidden = !hasAction;
    this.#other.hidden = !(view.kind === 'ended' && view.other !== undefined);
    if (view.kind === 'form') {
      if (!this.form.element.isConnected) this.#card.append(this.form.element);
      this.form.focus();
    }
    if (view.kind !== 'waiting' && view.kind !== 'ended') return;
    if (view.kind === 'ended' && view.other !== undefined) this.#other.textContent = view.other;
    this.#action.textContent = view.kind === 'ended' ? view.action : text('retryNow');
    // Focus the button, so that Enter is enough to go on, unless the toolbar is in use.
    if (!document.activeElement?.closest('#bar')) this.#action.focus();
    if (view.kind === 'ended') return;
    this.#tick(view.retryAtMs);
    this.#timer = setInterval(() => this.#tick(view.retryAtMs), 200);
  }

  #endSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  #tick(retryAtMs: number): void {
    const seconds = Math.max(0, Math.ceil((retryAtMs - performance.now()) / 1000));
    const line = seconds === 1 ? text('retryInOne') : text('retryIn', { seconds });
    if (this.#countdown.textContent !== line) this.#countdown.textContent = line;
  }
}
