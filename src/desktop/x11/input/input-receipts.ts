import { setTimeout as delay } from 'node:timers/promises';
import { BoundedMap } from '../../../common/bounded-map.ts';
import type { XConnection } from '../wire/connection.ts';
import { recordRequests } from '../wire/record.ts';
import { InputMethodPace } from './input-method-pace.ts';
import { InputMethodTalk } from './input-method-talk.ts';
import { ANSWER_LIMITS, type AnswerLimits, type Program, ProgramQuestions } from './program-questions.ts';

/** Reads changed keycodes of the keymap; a request of the X keyboard extension. */
const XKB_GET_MAP = 8;

/** The focus without a window manager: keys go to the window under the pointer. */
const POINTER_ROOT = 1;

/** Programs that are remembered. An X server has 256 by default. */
const MOST_PROGRAMS = 512;

/**
 * Milliseconds that the program with the focus may take to answer a ping after keycodes have got new meanings. A larger
 * value delays new characters in a program that hangs; a smaller one types them into a busy Chromium before that knows
 * the new meanings.
 */
const KNOWN_LIMIT_MS = 1000;

/** A program in which spare keycodes were tapped. */
interface TypedProgram extends Program {
  readonly tappedAtMs: number;
}

/** What the display says, and the keycodes of it that mean nothing. */
interface ReceiptOptions {
  readonly xkbOpcode: number;
  readonly unused: readonly number[];
  readonly limits?: AnswerLimits;
}

/**
 * Knows whether programs have handled the taps of spare keycodes. The X server gives a tap to the program that has the
 * focus then, which may handle it late, after another program has got the focus. So each program is asked in which a
 * spare keycode was tapped.
 */
export class InputReceipts {
  readonly #x: XConnection;
  readonly #recorder: XConnection;
  readonly #questions: ProgramQuestions;
  readonly #pace: InputMethodPace;
  readonly #readAfterMs: number;
  /** Programs that may not have handled all taps, by their base of ids. */
  readonly #unread = new BoundedMap<number, TypedProgram>(MOST_PROGRAMS);

  /** Takes over `recorder`, a second connection to the display of `x`. Rejects if the display can't be recorded. */
  static async open(
    x: XConnection,
    recorder: XConnection,
    { xkbOpcode, unused, limits = ANSWER_LIMITS }: ReceiptOptions,
  ): Promise<InputReceipts> {
    const atoms = { protocols: await x.atom('WM_PROTOCOLS'), ping: await x.atom('_NET_WM_PING') };
    const [xim, moreXim] = [await x.atom('_XIM_PROTOCOL'), await x.atom('_XIM_MOREDATA')];
    const talk = new InputMethodTalk(xim, moreXim, x.idMask);
    const questions = new ProgramQuestions(x, { atoms, talk, unused, limits });
    const receipts = new InputReceipts(x, recorder, questions, talk, limits.readAfterMs);
    await recordRequests(
      recorder,
      { opcode: xkbOpcode, minor: XKB_GET_MAP },
      {
        request: (request) => questions.hear(request),
        ended: (client) => {
          questions.forget(client);
          talk.forget(client);
          receipts.#pace.forget(client);
          receipts.#unread.delete(client);
        },
      },
    );
    return receipts;
  }

  private constructor(
    x: XConnection,
    recorder: XConnection,
    questions: ProgramQuestions,
    talk: InputMethodTalk,
    readAfterMs: number,
  ) {
    this.#x = x;
    this.#recorder = recorder;
    this.#questions = questions;
    this.#readAfterMs = readAfterMs;
    this.#pace = new InputMethodPace(talk, {
      focused: async () => (await this.#focused()).client,
      wait: (ms, signal) => delay(ms, undefined, { signal, ref: false }).catch(() => undefined),
    });
  }

  /** To be called when a spare keycode was tapped. */
  tapped(): void {
    const tappedAtMs = performance.now();
    this.#focused().then(
      (program) => this.#unread.set(program.client, { ...program, tappedAtMs }),
      // The owner of the connection notices its end.
      () => undefined,
    );
  }

  /** To be called when any key was pressed or released. */
  sent(isDown: boolean): void {
    this.#pace.sent(isDown);
  }

  /** Resolves when the input method has given the last keys back, if the program with the focus has one. */
  givenBack(): Promise<void> | undefined {
    return this.#pace.givenBack();
  }

  /** Resolves with whether programs have handled all taps of spare keycodes so far. May take a while. */
  async handled(): Promise<boolean> {
    if (!this.#recorder.isOpen) return false;
    // The X server answers in order: all that were tapped in are known then.
    await this.#focused();
    const handled = await Promise.all([...this.#unread].map(([, program]) => this.#hasHandled(program)));
    return handled.every(Boolean);
  }

  /** Resolves when the program with the focus knows the meanings of keycodes so far, as far as it can be asked. */
  async known(): Promise<void> {
    const program = await this.#focused();
    if (program.client !== 0) await this.#questions.answersPing(program, KNOWN_LIMIT_MS);
  }

  close(): Promise<void> {
    return this.#recorder.close();
  }

  async #hasHandled(program: TypedProgram): Promise<boolean> {
    const { client, tappedAtMs } = program;
    const isRead =
      (client !== 0 && (await this.#questions.hasHandled(program))) ||
      performance.now() - tappedAtMs >= this.#readAfterMs;
    if (isRead && this.#unread.get(client) === program) this.#unread.delete(client);
    return isRead;
  }

  /** The program that gets keys. Its base of ids is 0 if there is none. */
  async #focused(): Promise<Program> {
    const { focus } = await this.#x.request<{ focus: number }>((client, done) => client.GetInputFocus(done));
    const window = focus === POINTER_ROOT ? await this.#pointedAt() : focus;
    return { client: window & ~this.#x.idMask, window };
  }

  /** The window of a program under the pointer, or 0. It gets keys while no window manager sets the focus. */
  async #pointedAt(): Promise<number> {
    const { child } = await this.#x.request<{ child: number }>((client, done) =>
      client.QueryPointer(this.#x.root, done),
    );
    return child;
  }
}
