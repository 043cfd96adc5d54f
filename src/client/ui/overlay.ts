import { element } from './element.ts';

/** Content of the card in the middle of the page. */
export type OverlayView =
  | { readonly kind: 'none' }
  | { readonly kind: 'connecting'; readonly title: string; readonly reason?: string }
  | { readonly kind: 'notice'; readonly title: string; readonly reason: string }
  | { readonly kind: 'waiting'; readonly title: string; readonly reason: string; readonly retryAtMs: number }
  | { readonly kind: 'ended'; readonly title: string; readonly reason: string; readonly action: string };

/** Shows why there is no picture and when the page retries. Times are of `performance.now()`. */
export class Overlay {
  readonly #root = element('overlay', HTMLElement);
  readonly #title = element('overlay-title', HTMLElement);
  readonly #reason = element('overlay-reason', HTMLElement);
  readonly #countdown = element('overlay-countdown', HTMLElement);
  readonly #action = element('overlay-action', HTMLButtonElement);
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Called when the user asks for a retry now. */
  onAction: () => void = () => {};

  constructor() {
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
    this.#action.textContent = view.kind === 'ended' ? view.action : 'Reconnect now';
    // Focus the button, so that Enter is enough to go on, unless the toolbar is in use.
    if (!document.activeElement?.closest('#bar')) this.#action.focus();
    if (view.kind === 'ended') return;
    this.#tick(view.retryAtMs);
    this.#timer = setInterval(() => this.#tick(view.retryAtMs), 200);
  }

  #tick(retryAtMs: number): void {
    const seconds = Math.max(0, Math.ceil((retryAtMs - performance.now()) / 1000));
    const text = seconds === 1 ? 'Trying again in 1 second' : `Trying again in ${seconds} seconds`;
    if (this.#countdown.textContent !== text) this.#countdown.textContent = text;
  }
}
