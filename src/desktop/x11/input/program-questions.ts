import { setTimeout as delay } from 'node:timers/promises';
import type { Property } from 'x11';
import { BoundedMap } from '../../../common/bounded-map.ts';
import type { XConnection } from '../wire/connection.ts';
import { GET_KEYBOARD_MAPPING, type RecordedRequest, SEND_EVENT } from '../wire/record.ts';
import type { InputMethodTalk } from './input-method-talk.ts';
import {
  keyRelease,
  modifiersChanged,
  type PingAtoms,
  ping,
  pongNumber,
  readSentMessage,
  sendEvent,
} from './question-events.ts';
import { REUSE_AFTER_MS } from './spare-keys.ts';

/** Places of the first keycode and of their number in a GetKeyboardMapping. */
const FIRST_AT = 4;
const COUNT_AT = 5;

/**
 * GetKeyboardMappings of many keycodes, one after the other, with which a program answers a change of the modifiers.
 * After a change of keysyms each of them is followed by an XkbGetMap. Java reads single keycodes for every key event.
 */
const READS_OF_ANSWER = 2;

/** For how long an answer of a program is waited for, by what is known of it. */
export interface AnswerLimits {
  /**
   * Milliseconds that a program may take to answer, if it has answered before. With a larger value, a writer that has
   * typed a long text of new characters into a program that hangs waits longer; with a smaller one, a very busy program
   * gets other characters than were typed.
   */
  readonly knownMs: number;
  /** The same for a program that takes pings, or looks up keys as Java does, and has not answered yet. Few never do. */
  readonly likelyMs: number;
  /**
   * The same for any other program. Some never answer. Keycodes that were tapped in these may be used again after this
   * time all the same, so a smaller value gains nothing; a larger one delays the first new characters in these.
   */
  readonly unknownMs: number;
  /** Milliseconds from a tap in a program that does not answer until it counts as handled. See REUSE_AFTER_MS. */
  readonly readAfterMs: number;
}

export const ANSWER_LIMITS: AnswerLimits = {
  knownMs: 20_000,
  likelyMs: 5000,
  unknownMs: REUSE_AFTER_MS,
  readAfterMs: REUSE_AFTER_MS,
};

/**
 * Milliseconds between two looks whether the window of a program that has not answered still exists. A larger value
 * delays typing after such a program has ended; a smaller one asks the X server more often.
 */
const WINDOW_LOOK_MS = 500;

/** Programs and windows that are remembered. An X server has 256 programs by default. */
const MOST_REMEMBERED = 512;

/** Questions without an answer that are remembered. */
const MOST_QUESTIONS = 16;

/** Windows above the one with the focus that are searched for a program's protocols. */
const MOST_PARENTS = 8;

/** Words of WM_PROTOCOLS that are read; windows have at most a few. */
const MOST_PROTOCOLS = 64;

/**
 * Questions to a program that talks with its input method, until one is answered in a pause of that. A larger value waits
 * longer for an input method that is busy; a smaller one falls back to a fixed time sooner.
 */
const MOST_QUESTIONS_IN_A_TALK = 40;

/** Unused keycodes without which no program is asked by one: each question takes another one than the one before. */
const LEAST_UNUSED = 2;

/** Milliseconds between these questions. A larger value delays typing; a smaller one asks a busy program more often. */
const TALK_LOOK_MS = 10;

/** A program, and the window in which it got keys. */
export interface Program {
  /** Base of its ids. */
  readonly client: number;
  readonly window: number;
}

/**
 * How a program is asked: as most are, by the release of an unused key, or not at all because it does not answer.
 */
type Way = 'usual' | 'key' | 'none';

interface Question {
  /** Unique for a long time. */
  readonly number: number;
  readonly client: number;
  readonly kind: 'ping' | 'mapping' | 'key';
  /** The unused key of which it tells a release; 0 if it is asked in another way. */
  readonly keycode: number;
  /** GetKeyboardMappings since the question, one after the other. */
  reads: number;
  end(outcome: 'answered' | 'gone'): void;
}

/**
 * Asks programs whether they have handled what the X server has told them so far. Programs handle events in order, and
 * the question is an event.
 *
 * Most programs answer _NET_WM_PING, which window managers send to find out whether they hang. Others, such as xterm,
 * are told that the modifiers have changed, which they have not: programs of the X Toolkit then read the keymap in a way
 * that no other event causes. Java's programs answer neither, but look up the keycode of each key event: they are sent the
 * release of a key that means nothing. All answers go to others, so requests of these kinds are recorded, of all programs.
 *
 * A program that talks with an input method has not handled what that has not given back. It is asked until it answers in
 * a pause of the talk.
 */
export class ProgramQuestions {
  readonly #x: XConnection;
  readonly #atoms: PingAtoms;
  readonly #talk: InputMethodTalk;
  readonly #unused: readonly number[];
  readonly #limits: AnswerLimits;
  /** How programs are asked of which that is known, by their base of ids. */
  readonly #ways = new BoundedMap<number, Way>(MOST_REMEMBERED);
  /** Programs that look up single keycodes, with the unused one by which each was asked last, or 0. */
  readonly #lookUp = new BoundedMap<number, number>(MOST_REMEMBERED);
  /** The window to ping for a window that got keys; 0 if there is none. */
  readonly #pinged = new BoundedMap<number, number>(MOST_REMEMBERED);
  readonly #questions = new Set<Question>();
  #count = 0;

  /** `unused` are keycodes that mean nothing. */
  constructor(
    x: XConnection,
    by: {
      readonly atoms: PingAtoms;
      readonly talk: InputMethodTalk;
      readonly unused: readonly number[];
      readonly limits: AnswerLimits;
    },
  ) {
    this.#x = x;
    this.#atoms = by.atoms;
    this.#talk = by.talk;
    this.#unused = by.unused;
    this.#limits = by.limits;
  }

  /** Resolves with whether a program has handled all input so far, or has closed the window in which it got that. */
  async hasHandled(program: Program): Promise<boolean> {
    const { client } = program;
    const pinged = await this.#pingedFor(program);
    let way = this.#ways.get(client) ?? 'usual';
    for (let i = 0; way !== 'none' && i < MOST_QUESTIONS_IN_A_TALK; i++) {
      const messages = this.#talk.messages(client);
      const outcome = await this.#ask(program, pinged, way, this.#limitMs(client, way, pinged));
      if (outcome === 'gone') return true;
      if (outcome === 'answered') {
        // The input method may still give key events back, which come after the question then.
        if (!this.#talk.isAsking(client) && this.#talk.messages(client) === messages) return true;
        await delay(TALK_LOOK_MS, undefined, { ref: false });
      } else {
        way = this.#nextWay(client, way);
        if (way === 'none') this.#ways.set(client, 'none');
      }
    }
    this.#talk.writeOff(client);
    return false;
  }

  /** Whether a program is known not to answer. */
  isSilent(client: number): boolean {
    return this.#ways.get(client) === 'none';
  }

  /** Resolves when a program has answered a ping, or after a time. At once if it takes none. */
  async answersPing(program: Program, limitMs: number): Promise<void> {
    const pinged = await this.#pingedFor(program);
    if (pinged && !this.isSilent(program.client)) await this.#ask(program, pinged, 'usual', limitMs);
  }

  /** A program has ended. The X server gives its ids to another one. */
  forget(client: number): void {
    this.#ways.delete(client);
    this.#lookUp.delete(client);
    for (const [window] of this.#pinged) if (this.#clientOf(window) === client) this.#pinged.delete(window);
    for (const question of this.#questions) {
      if (question.client !== client) continue;
      this.#questions.delete(question);
      question.end('gone');
    }
  }

  /** Takes a request of any program. */
  hear({ client, bytes }: RecordedRequest): void {
    const opcode = bytes.readUInt8(0);
    if (opcode === SEND_EVENT) {
      if (client !== this.#x.client.display.resource_base) this.#hearMessage(client, bytes);
      return;
    }
    const isLookUp = looksUp(bytes);
    if (isLookUp) this.#hearLookUp(client, bytes.readUInt8(FIRST_AT));
    this.#hearRead(client, !isLookUp && isKeymapRead(bytes));
  }

  #limitMs(client: number, way: Way, pinged: number): number {
    const { knownMs, likelyMs, unknownMs } = this.#limits;
    if (this.#ways.has(client)) return knownMs;
    return way === 'key' || pinged ? likelyMs : unknownMs;
  }

  /** How to ask a program that has not answered when it was asked in this way. */
  #nextWay(client: number, way: Way): Way {
    const canLookUp = this.#lookUp.has(client) && this.#unused.length >= LEAST_UNUSED;
    return way !== 'key' && canLookUp ? 'key' : 'none';
  }

  async #ask(
    { client, window }: Program,
    pinged: number,
    way: Exclude<Way, 'none'>,
    limitMs: number,
  ): Promise<'answered' | 'gone' | 'late'> {
    this.#count = (this.#count + 1) >>> 0;
    const { promise: outcome, resolve: end } = Promise.withResolvers<'answered' | 'gone'>();
    const kind = way === 'key' ? 'key' : pinged ? 'ping' : 'mapping';
    const keycode = kind === 'key' ? this.#unusedKeycode(client) : 0;
    const number = this.#count;
    this.#questions.add({ number, client, kind, keycode, reads: 0, end });
    if (kind === 'key') sendEvent(this.#x, window, keyRelease(window, this.#x.root, keycode));
    else if (kind === 'ping') sendEvent(this.#x, pinged, ping(pinged, this.#atoms, number));
    else sendEvent(this.#x, window, modifiersChanged());
    // Answers that come later still tell that the program answers.
    for (const old of this.#questions) if (this.#questions.size > MOST_QUESTIONS) this.#questions.delete(old);
    for (let leftMs = limitMs; leftMs > 0; leftMs -= WINDOW_LOOK_MS) {
      const ended = await within(Math.min(leftMs, WINDOW_LOOK_MS), outcome);
      if (ended) return ended;
      if (!(await this.#exists(window))) return 'gone';
    }
    return 'late';
  }

  /**
   * The unused keycode for a question: none by which the program was asked last, or of a question that it has not
   * answered, because it looks up each more than once.
   */
  #unusedKeycode(client: number): number {
    const asked = new Set([...this.#questions].map((one) => (one.client === client ? one.keycode : 0)));
    const last = this.#lookUp.get(client);
    const others = this.#unused.filter((keycode) => keycode !== last);
    const keycode = others.find((one) => !asked.has(one)) ?? others[0]!;
    this.#lookUp.set(client, keycode);
    return keycode;
  }

  async #exists(window: number): Promise<boolean> {
    try {
      await this.#x.request<{ parent: number }>((client, done) => client.QueryTree(window, done));
      return true;
    } catch {
      return false;
    }
  }

  /** The window of a program that takes pings, or 0. */
  async #pingedFor(program: Program): Promise<number> {
    const known = this.#pinged.get(program.window);
    if (known !== undefined) return known;
    try {
      const pinged = await this.#findPinged(program);
      this.#pinged.set(program.window, pinged);
      return pinged;
    } catch {
      // The window is gone. Another program may get its id.
      return 0;
    }
  }

  async #findPinged(program: Program): Promise<number> {
    let { window } = program;
    // Windows above those of the program are the window manager's.
    for (let i = 0; this.#clientOf(window) === program.client && i < MOST_PARENTS; i++) {
      const { data } = await this.#x.request<Property>((client, done) =>
        client.GetProperty(0, window, this.#atoms.protocols, 0, 0, MOST_PROTOCOLS, done),
      );
      for (let at = 0; at + 4 <= data.length; at += 4) {
        if (data.readUInt32LE(at) === this.#atoms.ping) return window;
      }
      const { parent } = await this.#x.request<{ parent: number }>((client, done) =>
        client.QueryTree(window, done),
      );
      window = parent;
    }
    return 0;
  }

  #clientOf(window: number): number {
    return window & ~this.#x.idMask;
  }

  /** A program has sent a message to another one. */
  #hearMessage(client: number, request: Buffer): void {
    const message = readSentMessage(request);
    if (!message) return;
    this.#talk.heard(client, message.window, message.event);
    const number = pongNumber(message.event, this.#atoms);
    const question = this.#find(client, (one) => one.kind === 'ping' && one.number === number);
    if (question) this.#answered(question, 'usual');
  }

  #hearLookUp(client: number, keycode: number): void {
    if (!this.#lookUp.has(client)) this.#lookUp.set(client, 0);
    const question = this.#find(client, (one) => one.kind === 'key' && one.keycode === keycode);
    if (question) this.#answered(question, 'key');
  }

  /** Programs answer in order: what answers a question says nothing of a later one. */
  #hearRead(client: number, isOfKeymap: boolean): void {
    const question = this.#find(client, (one) => one.kind === 'mapping');
    if (!question) return;
    question.reads = isOfKeymap ? question.reads + 1 : 0;
    if (question.reads >= READS_OF_ANSWER) this.#answered(question, 'usual');
  }

  /** The oldest question to a program of which something holds. */
  #find(client: number, holds: (question: Question) => boolean): Question | undefined {
    for (const question of this.#questions)
      if (question.client === client && holds(question)) return question;
    return undefined;
  }

  #answered(question: Question, way: Way): void {
    this.#questions.delete(question);
    // A program of Java may read the keymap as others answer, if that has changed.
    if (this.#ways.get(question.client) !== 'key') this.#ways.set(question.client, way);
    question.end('answered');
  }
}

/** What a promise resolves with, or undefined if it does not in time. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const limit = new AbortController();
  const late = delay(ms, undefined, { signal: limit.signal, ref: false }).catch(() => undefined);
  const found = await Promise.race([promise, late]);
  limit.abort();
  return found;
}

const isKeymapRead = (request: Buffer): boolean =>
  request.readUInt8(0) === GET_KEYBOARD_MAPPING && request.length > COUNT_AT;

/** Whether a request asks for the meaning of a single keycode. */
const looksUp = (request: Buffer): boolean => isKeymapRead(request) && request.readUInt8(COUNT_AT) === 1;
