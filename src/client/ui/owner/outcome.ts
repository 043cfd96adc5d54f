import { ApiError } from '../../api/call-api.ts';
import { h } from '../dom.ts';
import { refusalText } from './refusal-text.ts';

/** Says at the lower edge of a panel how an action ended. A reader for blind users says it, too. */
export class Outcome {
  readonly #done = h('p', { class: 'outcome', role: 'status' });
  readonly #refused = h('p', { class: 'outcome refused', role: 'alert' });
  readonly element = h('div', { class: 'outcomes' }, this.#done, this.#refused);

  done(...sentence: readonly (Node | string)[]): void {
    this.#done.replaceChildren(...sentence);
    this.#refused.replaceChildren();
  }

  refused(sentence: string): void {
    this.#done.replaceChildren();
    // It would be said again.
    if (this.#refused.textContent !== sentence) this.#refused.replaceChildren(sentence);
  }

  clear(): void {
    this.done();
  }

  /** Carries an action out and says why it was refused, if it was. Resolves with whether it was done. */
  async of(action: () => Promise<void>): Promise<boolean> {
    this.clear();
    try {
      await action();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.refused(refusalText(error));
      return false;
    }
  }
}
