import { setTimeout as delay } from 'node:timers/promises';
import type { Property } from 'x11';
import { BoundedMap } from '../../../common/bounded-map.ts';
import type { XConnection } from '../wire/connection.ts';
import { sendRaw } from '../wire/raw-request.ts';
import { GET_KEYBOARD_MAPPING, type RecordedRequest, recordRequests, SEND_EVENT } from '../wire/record.ts';
import { InputMethodTalk } from './input-method-talk.ts';

/** Reads changed keycodes of the keymap; a request of the X keyboard extension. */
const XKB_GET_MAP = 8;

const KEY_RELEASE = 3;
const CLIENT_MESSAGE = 33;
const MAPPING_NOTIFY = 34;
const EVENT_BYTES = 32;

/** Places of the window and of the event in a SendEvent. */
const SENT_TO_AT = 4;
const SENT_EVENT_AT = 12;

/** Places of the first keycode and of their number in a GetKeyboardMapping. */
const FIRST_AT = 4;
const COUNT_AT = 5;

/**
 * GetKeyboardMappings of many keycodes, one after the other, with which a program answers a change of the modifiers.
 * After a change of keysyms each of them is followed by an XkbGetMap. Java reads single keycodes for every key event.
 */
const READS_OF_ANSWER = 2;

/**
 * Milliseconds that a program may take to answer, if it has answered before. A larger value delays typing in a program
 * that hangs; a smaller one lets keycodes be used again before a very busy program has read them.
 */
const ANSWER_LIMIT_MS = 5000;

/**
 * The same for a program that has not answered yet. Some never do. A larger value delays new characters in these; a
 * smaller one takes a busy program for one of them.
 */
const FIRST_ANSWER_LIMIT_MS = 400;

/** Programs and windows that are remembered. An X server has 256 programs by default. */
const MOST_REMEMBERED = 512;

/** Questions without an answer that are remembered. */
const MOST_QUESTIONS = 16;

/** Windows above the one with the focus that are searched for a program's protocols. */
const MOST_PARENTS = 8;

/**
 * Questions to a program that talks with its input method, until one is answered in a pause of that. A larger value waits
 * longer for an input method that is busy; a smaller one falls back to a fixed time sooner.
 */
const MOST_QUESTIONS_IN_A_TALK = 40;

/** Unused keycodes without which no program is asked by one: each question takes another one than the one before. */
const LEAST_UNUSED = 2;

/** Milliseconds between these questions. A larger value delays typing; a smaller one asks a busy program more often. */
const TALK_LOOK_MS = 10;

/**
 * How a program is asked: as most are, by the release of an unused key, or not at all because it does not answer.
 */
type Way = 'usual' | 'key' | 'none';

interface Question {
  /** Unique for a long time. */
  readonly number: number;
  readonly client: number;
  /** The unused key of which it tells a release. Undefined if it is asked as most programs are. */
  readonly keycode: number | undefined;
  /** GetKeyboardMappings since the question, one after the other. */
  reads: number;
  answered(): void;
}

/**
 * Asks the program with the focus whether it has handled all input so far. Programs handle events in order, and the
 * question is an event.
 *
 * Most programs answer _NET_WM_PING, which window managers send to find out whether they hang. Others, such as xterm,
 * are told that the modifiers have changed, which they have not: programs of the X Toolkit then read the keymap in a way
 * that no other event causes. Java's programs answer neither, but look up the keycode of each key event: they are sent the
 * release of a key that means nothing. All answers go to others, so requests of these kinds are recorded, of all programs.
 *
 * A program that talks with an input method has not handled what that has not given back. It is asked until it answers in
 * a pause of the talk.
 */
export class InputReceipts {
  readonly #x: XConnection;
  readonly #recorder: XConnection;
  readonly #protocols: number;
  readonly #ping: number;
  /** How programs are asked of which that is known, by their base of ids. */
  readonly #ways = new BoundedMap<number, Way>(MOST_REMEMBERED);
  /** Programs that look up single keycodes. */
  readonly #lookUp = new BoundedMap<number, true>(MOST_REMEMBERED);
  readonly #unused: readonly number[];
  /** The window to ping for a window with the focus; 0 if there is none. */
  readonly #pinged = new BoundedMap<number, number>(MOST_REMEMBERED);
  readonly #questions = new Set<Question>();
  readonly #talk: InputMethodTalk;
  #count = 0;

  /**
   * Takes over `recorder`, a second connection to the display of `x`. `unused` are keycodes that mean nothing. Rejects if
   * the display can't be recorded.
   */
  static async open(
    x: XConnection,
    recorder: XConnection,
    xkbOpcode: number,
    unused: readonly number[],
  ): Promise<InputReceipts> {
    const [protocols, ping] = [await x.atom('WM_PROTOCOLS'), await x.atom('_NET_WM_PING')];
    const [xim, moreXim] = [await x.atom('_XIM_PROTOCOL'), await x.atom('_XIM_MOREDATA')];
    const talk = new InputMethodTalk(xim, moreXim, x.client.display.resource_mask);
    const receipts = new InputReceipts(x, recorder, { protocols, ping, talk, unused });
    await recordRequests(recorder, { opcode: xkbOpcode, minor: XKB_GET_MAP }, (request) =>
      receipts.#hear(request),
    );
    return receipts;
  }

  private constructor(
    x: XConnection,
    recorder: XConnection,
    by: {
      readonly protocols: number;
      readonly ping: number;
      readonly talk: InputMethodTalk;
      readonly unused: readonly number[];
    },
  ) {
    this.#x = x;
    this.#recorder = recorder;
    this.#protocols = by.protocols;
    this.#ping = by.ping;
    this.#talk = by.talk;
    this.#unused = by.unused;
  }

  /** Resolves with whether the program with the focus is known to have handled all input so far. */
  async handled(): Promise<boolean> {
    const { focus } = await this.#x.request<{ focus: number }>((client, done) => client.GetInputFocus(done));
    // None, or the window under the pointer.
    if (focus <= 1) return false;
    const client = focus & ~this.#x.client.display.resource_mask;
    const pinged = this.#pinged.get(focus) ?? (await this.#findPinged(focus));
    this.#pinged.set(focus, pinged);
    let way = this.#ways.get(client) ?? 'usual';
    for (let i = 0; way !== 'none' && i < MOST_QUESTIONS_IN_A_TALK; i++) {
      const messages = this.#talk.messages(client);
      if (await this.#ask(focus, pinged, client, way)) {
        // The input method may still give key events back, which come after the question then.
        if (!this.#talk.isAsking(client) && this.#talk.messages(client) === messages) return true;
        await delay(TALK_LOOK_MS, undefined, { ref: false });
      } else {
        way = this.#nextWay(client, way);
        if (way === 'none') this.#ways.set(client, 'none');
      }
    }
    return false;
  }

  /** How to ask a program that has not answered when it was asked in this way. */
  #nextWay(client: number, way: Way): Way {
    const canLookUp = this.#lookUp.has(client) && this.#unused.length >= LEAST_UNUSED;
    return way !== 'key' && canLookUp ? 'key' : 'none';
  }

  close(): Promise<void> {
    return this.#recorder.close();
  }

  async #ask(focus: number, pinged: number, client: number, way: Exclude<Way, 'none'>): Promise<boolean> {
    this.#count = (this.#count + 1) >>> 0;
    const limit = new AbortController();
    const limitMs = this.#ways.has(client) ? ANSWER_LIMIT_MS : FIRST_ANSWER_LIMIT_MS;
    const late = delay(limitMs, false, { signal: limit.signal, ref: false }).catch(() => false);
    const answer = Promise.withResolvers<boolean>();
    const question: Question = {
      number: this.#count,
      client,
      // A program may look up the keycode of an earlier question once more.
      keycode: way === 'key' ? this.#unused[this.#count % this.#unused.length] : undefined,
      reads: 0,
      answered: () => answer.resolve(true),
    };
    this.#questions.add(question);
    if (question.keycode !== undefined)
      this.#send(focus, releaseEvent(focus, this.#x.root, question.keycode));
    else if (pinged) this.#send(pinged, pingEvent(pinged, this.#protocols, this.#ping, question.number));
    else this.#send(focus, mappingEvent());
    // Answers that come later still tell that the program answers.
    for (const old of this.#questions) if (this.#questions.size > MOST_QUESTIONS) this.#questions.delete(old);
    const isAnswered = await Promise.race([answer.promise, late]);
    limit.abort();
    return isAnswered;
  }

  #send(window: number, event: Buffer): void {
    const request = Buffer.alloc(SENT_EVENT_AT + EVENT_BYTES);
    request.writeUInt8(SEND_EVENT, 0);
    request.writeUInt32LE(window, 4);
    event.copy(request, SENT_EVENT_AT);
    if (this.#x.isOpen) sendRaw(this.#x.client, request);
  }

  /** The window that belongs to the program of the focused one and takes pings, or 0. */
  async #findPinged(focus: number): Promise<number> {
    const { root } = this.#x;
    try {
      for (let window = focus, i = 0; window && window !== root && i < MOST_PARENTS; i++) {
        const { data } = await this.#x.request<Property>((client, done) =>
          client.GetProperty(0, window, this.#protocols, 0, 0, MOST_PROTOCOLS, done),
        );
        for (let at = 0; at + 4 <= data.length; at += 4) {
          if (data.readUInt32LE(at) === this.#ping) return window;
        }
        const { parent } = await this.#x.request<{ parent: number }>((client, done) =>
          client.QueryTree(window, done),
        );
        window = parent;
      }
    } catch {
      // The window is gone.
    }
    return 0;
  }

  #hear({ client, bytes }: RecordedRequest): void {
    const opcode = bytes.readUInt8(0);
    if (opcode === SEND_EVENT) {
      if (client !== this.#x.client.display.resource_base) this.#hearEvent(client, bytes);
      return;
    }
    const isLookUp = looksUp(bytes);
    if (isLookUp) this.#lookUp.set(client, true);
    for (const question of this.#questions) {
      if (question.client !== client) continue;
      if (question.keycode !== undefined) {
        if (isLookUp && bytes.readUInt8(FIRST_AT) === question.keycode) this.#answered(question, 'key');
        continue;
      }
      question.reads = !isLookUp && isKeymapRead(bytes) ? question.reads + 1 : 0;
      if (question.reads >= READS_OF_ANSWER) this.#answered(question, 'usual');
    }
  }

  /** A program has sent an event to another one. */
  #hearEvent(client: number, bytes: Buffer): void {
    if (bytes.length < SENT_EVENT_AT + EVENT_BYTES) return;
    const event = bytes.subarray(SENT_EVENT_AT);
    if (event.readUInt8(0) !== CLIENT_MESSAGE) return;
    this.#talk.heard(client, bytes.readUInt32LE(SENT_TO_AT), event);
    if (event.readUInt32LE(8) === this.#protocols) this.#hearPong(client, event);
  }

  #hearPong(client: number, event: Buffer): void {
    if (event.readUInt32LE(12) !== this.#ping) return;
    const number = event.readUInt32LE(16);
    for (const question of this.#questions) {
      if (question.client === client && question.number === number) this.#answered(question, 'usual');
    }
  }

  #answered(question: Question, way: Way): void {
    this.#questions.delete(question);
    this.#ways.set(question.client, way);
    question.answered();
  }
}

const isKeymapRead = (request: Buffer): boolean =>
  request.readUInt8(0) === GET_KEYBOARD_MAPPING && request.length > COUNT_AT;

/** Whether a request asks for the meaning of a single keycode. */
const looksUp = (request: Buffer): boolean => isKeymapRead(request) && request.readUInt8(COUNT_AT) === 1;

/** Words of WM_PROTOCOLS that are read; windows have at most a few. */
const MOST_PROTOCOLS = 64;

function pingEvent(window: number, protocols: number, ping: number, number: number): Buffer {
  const event = Buffer.alloc(EVENT_BYTES);
  event.writeUInt8(CLIENT_MESSAGE, 0);
  event.writeUInt8(32, 1);
  event.writeUInt32LE(window, 4);
  event.writeUInt32LE(protocols, 8);
  event.writeUInt32LE(ping, 12);
  event.writeUInt32LE(number, 16);
  event.writeUInt32LE(window, 20);
  return event;
}

/** Says that a key was released. */
function releaseEvent(window: number, root: number, keycode: number): Buffer {
  const event = Buffer.alloc(EVENT_BYTES);
  event.writeUInt8(KEY_RELEASE, 0);
  event.writeUInt8(keycode, 1);
  event.writeUInt32LE(root, 8);
  event.writeUInt32LE(window, 12);
  event.writeUInt8(1, 30);
  return event;
}

/** Says that the modifiers have changed. */
function mappingEvent(): Buffer {
  const event = Buffer.alloc(EVENT_BYTES);
  event.writeUInt8(MAPPING_NOTIFY, 0);
  return event;
}
