import { BoundedMap } from '../../../common/bounded-map.ts';

/** XIM protocol, "Common set": a key event that a program gives to its input method, or gets back. */
const FORWARD_EVENT = 60;
/** Says that the last message is dealt with, such as a key event that the input method keeps. */
const SYNC_REPLY = 62;

/** Places in a ClientMessage. */
const FORMAT_AT = 1;
const TYPE_AT = 8;
const DATA_AT = 12;

/** Format of a message whose content is a property, because it is long. Its length stands in place of the content. */
const IN_PROPERTY = 32;
/** Bytes of a message with a key event. */
const FORWARD_EVENT_BYTES = 44;

/** Programs that are remembered. An X server has 256 by default. */
const MOST_PROGRAMS = 512;

/** Key events that a program has given to its input method, and those that it got back, or that are dealt with. */
export interface KeyCounts {
  readonly given: number;
  readonly returned: number;
}

interface Talk {
  readonly messages: number;
  readonly keys: KeyCounts;
  /** Whether the program waits for the input method. */
  readonly isAsking: boolean;
}

const SILENT: Talk = { messages: 0, keys: { given: 0, returned: 0 }, isAsking: false };

/**
 * Knows which programs are talking with an X input method, such as xterm with IBus: the program gives it each key event,
 * and gets it back a moment later if it is no part of a composition. Until then the program has not handled the event,
 * although it may have handled all others.
 */
export class InputMethodTalk {
  readonly #protocol: number;
  readonly #moreData: number;
  readonly #resourceMask: number;
  /** By the program's base of ids. */
  readonly #talks = new BoundedMap<number, Talk>(MOST_PROGRAMS);
  readonly #listeners = new Set<() => void>();

  /** Takes the atoms _XIM_PROTOCOL and _XIM_MOREDATA, and the bits of a resource id that differ within a program. */
  constructor(protocol: number, moreData: number, resourceMask: number) {
    this.#protocol = protocol;
    this.#moreData = moreData;
    this.#resourceMask = resourceMask;
  }

  /** A program has sent a ClientMessage to a window. */
  heard(sender: number, window: number, event: Buffer): void {
    const type = event.readUInt32LE(TYPE_AT);
    if (type !== this.#protocol && type !== this.#moreData) return;
    const isInProperty = type === this.#protocol && event.readUInt8(FORMAT_AT) === IN_PROPERTY;
    const isKey = isInProperty
      ? event.readUInt32LE(DATA_AT) === FORWARD_EVENT_BYTES
      : event.readUInt8(DATA_AT) === FORWARD_EVENT;
    const asks = isKey || isInProperty || type === this.#moreData;
    const receiver = window & ~this.#resourceMask;
    const [from, to] = [this.#of(sender), this.#of(receiver)];
    this.#talks.set(sender, {
      messages: from.messages + 1,
      keys: { ...from.keys, given: from.keys.given + (isKey ? 1 : 0) },
      isAsking: from.isAsking || asks,
    });
    const isReturn = isKey || (!isInProperty && event.readUInt8(DATA_AT) === SYNC_REPLY);
    const returned = Math.min(to.keys.given, to.keys.returned + (isReturn ? 1 : 0));
    this.#talks.set(receiver, {
      messages: to.messages + 1,
      keys: { ...to.keys, returned },
      isAsking: false,
    });
    for (const listener of this.#listeners) listener();
  }

  /** A program has ended. */
  forget(program: number): void {
    this.#talks.delete(program);
  }

  /** Whether any program talks with an input method. */
  get hasBegun(): boolean {
    return this.#talks.size > 0;
  }

  /** Resolves when something holds that messages change, or when the signal is aborted. */
  async until(holds: () => boolean, signal: AbortSignal): Promise<void> {
    if (holds() || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (holds()) resolve();
    };
    this.#listeners.add(look);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    this.#listeners.delete(look);
  }

  /** What became of the key events of each program so far, by its base of ids. */
  keys(): ReadonlyMap<number, KeyCounts> {
    return new Map([...this.#talks].map(([program, { keys }]) => [program, keys]));
  }

  /** Messages of a program so far, sent and got. */
  messages(program: number): number {
    return this.#of(program).messages;
  }

  /** Whether a program waits for an answer of its input method, or for keys. */
  isAsking(program: number): boolean {
    const { keys, isAsking } = this.#of(program);
    return isAsking || keys.returned < keys.given;
  }

  /** A program waits no longer for the keys that its input method has: they are parts of a composition. */
  writeOff(program: number): void {
    const talk = this.#talks.get(program);
    if (talk) this.#talks.set(program, { ...talk, keys: { ...talk.keys, returned: talk.keys.given } });
  }

  #of(program: number): Talk {
    return this.#talks.get(program) ?? SILENT;
  }
}
