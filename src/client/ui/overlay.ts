import { text } from '../text/texts.ts';
import { h } from './dom.ts';

/** Content of the card in the middle of the page. */
export type OverlayView =
  | { readonly kind: 'none' }
  | { readonly kind: 'connecting'; readonly title: string; readonly reason?: string }
  | { readonly kind: 'notice'; readonly title: string; readonly reason: string }
  | { readonly kind: 'waiting'; readonly title: string; readonly reason: string; readonly retryAtMs: number }
  | { readonly kind: 'ended'; readonly title: string; readonly reason: string; readonly action: string };

/** Shows why there is no picture and when the page retries. Times are of `performance.now()`. */
export class Overlay {
  readonly #root: HTMLElement;
  readonly #title = h('h1', { id: 'overlay-title', class: 'card-title' });
  readonly #reason = h('p', { id: 'overlay-reason', class: 'card-reason' });
  readonly #countdown = h('p', { id: 'overlay-countdown', class: 'card-countdown', 'aria-live': 'off' });
  readonly #action = h('button', { id: 'overlay-action', type: 'button', class: 'action', hidden: true });
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Called when the user asks for a retry now. */
  onAction: () => void = () => {};

  constructor(parent: ParentNode) {
    const mark = h('span', { class: 'mark', 'aria-hidden': 'true' });
    const card = h('div', { class: 'card' }, mark, this.#title, this.#reason, this.#countdown, this.#action);
    this.#root = h(
      'section',
      { id: 'overlay', class: 'overlay', 'data-kind': 'connecting', 'aria-live': 'polite' },
      card,
    );
    parent.append(this.#root);
    this.#action.addEventListener('click', () => this.onAction());
  }

  show(view: OverlayView): void {
    clearInterval(this.#timer);
    this.#root.dataset.kind = view.kind;
    if (view.kind === 'none') return;
    this.#title.textContent = view.title;
    this.#reason.textContent = view.reason ?? '';
    this.#countdown.textContent = '';
    const isQuiet = view.kind === 'connecting' || view.kind === 'notice';
    this.#action.hidden = isQuiet;
    if (isQuiet) return;
    this.#action.textContent = view.kind === 'ended' ? view.action : text('retryNow');
    // Focus the button, so that Enter is enough to go on, unless the toolbar is in use.
    if (!document.activeElement?.closest('#bar')) this.#action.focus();
    if (view.kind === 'ended') return;
    this.#tick(view.retryAtMs);
    this.#timer = setInterval(() => this.#tick(view.retryAtMs), 200);
  }

  #tick(retryAtMs: number): void {
    const seconds = Math.max(0, Math.ceil((retryAtMs - performance.now()) / 1000));
    const line = seconds === 1 ? text('retryInOne') : text('retryIn', { seconds });
    if (this.#countdown.textContent !== line) this.#countdown.textContent = line;
  }
}
