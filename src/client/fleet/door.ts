import { type Credentials, logIn } from '../api/log-in.ts';
import { explainLoginRefusal } from '../login-refusal.ts';
import { setSignedOut } from '../signed-out.ts';
import { text } from '../text/texts.ts';
import { h } from '../ui/dom.ts';
import { LoginForm } from '../ui/login-form.ts';

/** The form by which users come to the list, and why they have to. */
export class Door {
  readonly element: HTMLElement;
  readonly #baseUrl: URL;
  readonly #reason = h('p', { class: 'why' });
  readonly #form: LoginForm;
  readonly #onEntered: () => void;

  /** `onEntered` is called when the browser has logged in. */
  constructor(baseUrl: URL, onEntered: () => void) {
    this.#baseUrl = baseUrl;
    this.#onEntered = onEntered;
    this.#form = new LoginForm('door-title', (login) => void this.enter({ kind: 'password', ...login }));
    this.element = h(
      'section',
      { class: 'door', hidden: true },
      h('h1', { id: 'door-title' }, text('signIn')),
      this.#reason,
    );
  }

  get isShown(): boolean {
    return !this.element.hidden;
  }

  get isBusy(): boolean {
    return this.#form.isBusy;
  }

  /** Asks for a login. */
  show(reason = ''): void {
    this.#reason.textContent = reason;
    if (this.isShown) return;
    this.element.hidden = false;
    this.element.append(this.#form.element);
    this.#form.focus();
  }

  hide(): void {
    this.element.hidden = true;
    this.#form.close();
  }

  /** Logs the browser in, by the form or by a link. Says why if the server refuses. */
  async enter(credentials: Credentials): Promise<void> {
    this.show();
    this.#form.begin();
    const refusal = await logIn(this.#baseUrl, credentials);
    if (refusal === undefined) {
      setSignedOut(this.#baseUrl, false);
      this.#onEntered();
      return;
    }
    if (credentials.kind === 'password') this.#form.name = credentials.name;
    const { retryAfterS } = refusal;
    this.#form.refuse(
      (seconds) =>
        explainLoginRefusal({ ...refusal, ...(retryAfterS !== undefined && { retryAfterS: seconds }) }),
      retryAfterS,
    );
  }
}
