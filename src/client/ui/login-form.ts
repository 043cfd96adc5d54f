import { text } from '../text/texts.ts';
import { h } from './dom.ts';

/** What the user has entered. */
export interface EnteredLogin {
  readonly name: string;
  readonly password: string;
  readonly stays: boolean;
}

/**
 * The form for name and password. It is in the document only while it is shown: a password manager takes its end for a
 * login that has worked.
 */
export class LoginForm {
  readonly element: HTMLFormElement;
  readonly #name = h('input', {
    ...{ id: 'user', name: 'username', type: 'text', required: true, autocomplete: 'username' },
    ...{ autocapitalize: 'none', autocorrect: 'off', spellcheck: 'false', 'aria-describedby': 'message' },
  });
  readonly #password = h('input', {
    ...{ id: 'password', name: 'password', type: 'password', required: true },
    ...{ autocomplete: 'current-password', 'aria-describedby': 'message' },
  });
  readonly #stay = h('input', { id: 'stay', name: 'stay', type: 'checkbox' });
  readonly #message = h('p', { id: 'message', class: 'login-message', role: 'alert' });
  readonly #submit = h('button', { id: 'submit', type: 'submit', class: 'action' }, text('signIn'));
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(labelledBy: string, onEntered: (login: EnteredLogin) => void) {
    this.element = h(
      'form',
      {
        id: 'login',
        class: 'login',
        method: 'post',
        'aria-labelledby': labelledBy,
        onsubmit: (event) => {
          event.preventDefault();
          if (this.isBusy) return;
          onEntered({
            name: this.#name.value,
            password: this.#password.value,
            stays: this.#stay.checked,
          });
        },
      },
      h('label', { for: 'user' }, text('userName')),
      this.#name,
      h('label', { for: 'password' }, text('password')),
      this.#password,
      h('label', { class: 'option login-stay' }, this.#stay, h('span', {}, text('staySignedIn'))),
      this.#message,
      this.#submit,
    );
  }

  get isBusy(): boolean {
    return this.element.getAttribute('aria-busy') === 'true';
  }

  /** Puts a name into the form that the user need not type again. */
  set name(name: string) {
    this.#name.value = name;
  }

  /** Puts the keyboard where the user goes on: into the first field that is empty. */
  focus(): void {
    (this.#name.value === '' ? this.#name : this.#password).focus();
  }

  /** Says that the login is being checked. Keeps the button in use, so that it does not lose the keyboard. */
  begin(): void {
    this.#say('');
    this.element.setAttribute('aria-busy', 'true');
    this.#submit.textContent = text('signingIn');
  }

  /** Says why the login was refused. `retryAfterS`: when it makes sense to try again, in seconds. */
  refuse(sentence: (seconds: number) => string, retryAfterS: number | undefined): void {
    this.#end();
    this.#say(sentence(retryAfterS ?? 0));
    this.#password.select();
    this.#password.focus();
    if (retryAfterS === undefined) return;
    const untilMs = performance.now() + retryAfterS * 1000;
    this.#timer = setInterval(() => {
      const seconds = Math.ceil((untilMs - performance.now()) / 1000);
      this.#say(seconds > 0 ? sentence(seconds) : text('tryNow'), true);
      if (seconds <= 0) clearInterval(this.#timer);
    }, 1000);
  }

  /** Takes the form away, and the password out of it. */
  close(): void {
    this.#end();
    this.#say('');
    this.#password.value = '';
    this.element.remove();
  }

  /** `isCount`: the sentence only counts down, which readers for blind users need not say. */
  #say(sentence: string, isCount = false): void {
    if (!isCount) clearInterval(this.#timer);
    this.#message.setAttribute('aria-live', isCount && sentence !== text('tryNow') ? 'off' : 'assertive');
    if (this.#message.textContent !== sentence) this.#message.textContent = sentence;
  }

  #end(): void {
    this.element.removeAttribute('aria-busy');
    this.#submit.textContent = text('signIn');
  }
}
