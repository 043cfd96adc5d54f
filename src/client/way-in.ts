import { type Credentials, logIn, logOut } from './api/log-in.ts';
import { onSessionBegun } from './api/session-key.ts';
import { type Explanation, overlayFor } from './disconnect.ts';
import { firstStepOfPage } from './first-step.ts';
import { explainLoginRefusal } from './login-refusal.ts';
import { isSignedOut, setSignedOut } from './signed-out.ts';
import { text } from './text/texts.ts';
import type { LoggedIn } from './ticket.ts';
import type { Overlay } from './ui/overlay.ts';
import type { View } from './view/view.ts';

interface WayInOptions {
  readonly view: View;
  readonly overlay: Overlay;
  /** The page's folder. */
  readonly baseUrl: URL;
  /** Tells who is logged in and can log out. */
  onUser(name: string | undefined): void;
}

/**
 * The way to the desktop: by the login that the browser has, by a link, or by the form. Shows what keeps the user out, and
 * logs the user out.
 */
export class WayIn {
  readonly #view: View;
  readonly #overlay: Overlay;
  readonly #baseUrl: URL;
  readonly #onUser: WayInOptions['onUser'];
  #who: LoggedIn | undefined;

  constructor({ view, overlay, baseUrl, onUser }: WayInOptions) {
    this.#view = view;
    this.#overlay = overlay;
    this.#baseUrl = baseUrl;
    this.#onUser = onUser;
    view.events.on('loggedIn', (who) => this.#loggedIn(who));
    onSessionBegun(baseUrl, () => {
      if (!overlay.form.element.isConnected || overlay.form.isBusy) return;
      setSignedOut(this.#baseUrl, false);
      view.connect();
    });
    overlay.onAction = () => view.connect();
    overlay.onOther = () => this.#ask(text('signIn'), '');
    overlay.onEntered = (login) => void this.#enter({ kind: 'password', ...login });
  }

  /** Takes the page's first step to the desktop. */
  begin(): void {
    const step = firstStepOfPage(this.#baseUrl);
    switch (step.kind) {
      case 'log in':
        // At once, so that a ticket is neither seen nor kept in the history or in a bookmark.
        if (step.credentials.kind === 'ticket')
          history.replaceState(null, '', new URL(`./${location.search}`, this.#baseUrl));
        void this.#enter(step.credentials);
        break;
      case 'ask':
        this.#ask(text('signIn'), '');
        break;
      case 'connect':
        this.#view.connect();
        break;
      case 'wait':
        this.#overlay.show({
          ...{ kind: 'ended', title: text('disconnected'), reason: '' },
          action: text('connectAgain'),
        });
    }
  }

  /** Shows why a connection has ended, and what comes next. */
  ended(explanation: Explanation, retryAtMs: number): void {
    if (explanation.next === 'log in') this.#onUser(undefined);
    this.#overlay.show(overlayFor(explanation, retryAtMs));
  }

  /** Ends the session of this browser, in all its pages. */
  async logOut(): Promise<void> {
    const wasByPassword = this.#who?.by === 'password';
    setSignedOut(this.#baseUrl, true);
    const explanation = { title: text('signedOut'), next: 'log in', hidesPicture: true } as const;
    // The browser sends the password that its own dialog has asked for with every request.
    const reason = text(wasByPassword ? 'browserRemembers' : 'signedOutByUser');
    this.#view.disconnect({ ...explanation, reason });
    const isOut = await logOut(this.#baseUrl);
    if (!isOut && isSignedOut(this.#baseUrl))
      this.#view.disconnect({ ...explanation, reason: text('signOutFailed') });
  }

  async #enter(credentials: Credentials): Promise<void> {
    const { form } = this.#overlay;
    if (credentials.kind === 'password' && form.element.isConnected) form.begin();
    else this.#overlay.show({ kind: 'connecting', title: text('signingIn') });
    const refusal = await logIn(this.#baseUrl, credentials);
    if (refusal === undefined) {
      setSignedOut(this.#baseUrl, false);
      this.#view.connect();
      return;
    }
    if (credentials.kind === 'password') form.name = credentials.name;
    if (!form.element.isConnected) this.#ask(text('signIn'), '');
    const { retryAfterS } = refusal;
    form.refuse(
      (seconds) =>
        explainLoginRefusal({ ...refusal, ...(retryAfterS !== undefined && { retryAfterS: seconds }) }),
      retryAfterS,
    );
  }

  #ask(title: string, reason: string): void {
    this.#overlay.show({ kind: 'form', title, reason });
  }

  #loggedIn(who: LoggedIn): void {
    this.#who = who;
    // A guest of a link has no password.
    if (who.by === 'session' && !who.user.includes(':')) this.#overlay.form.name = who.user;
    // Who comes by a proxy leaves by it, too.
    this.#onUser(who.by === 'proxy' || who.by === 'token' ? undefined : who.user);
  }
}
