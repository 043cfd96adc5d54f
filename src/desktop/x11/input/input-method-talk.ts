import { BoundedMap } from '../../../common/bounded-map.ts';

/** XIM protocol, "Common set": a key event that a program gives to its input method, or gets back. */
const FORWARD_EVENT = 60;

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

interface Talk {
  readonly messages: number;
  /** Key events that the program has given to its input method. */
  readonly keys: number;
  /** Whether the program waits for the input method. */
  readonly isAsking: boolean;
}

const SILENT: Talk = { messages: 0, keys: 0, isAsking: false };

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
      keys: from.keys + (isKey ? 1 : 0),
      isAsking: from.isAsking || asks,
    });
    this.#talks.set(receiver, { ...to, messages: to.messages + 1, isAsking: false });
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

  /** Key events that each program has given to its input method so far, by its base of ids. */
  keys(): ReadonlyMap<number, number> {
    return new Map([...this.#talks].map(([program, { keys }]) => [program, keys]));
  }

  /** Messages of a program so far, sent and got. */
  messages(program: number): number {
    return this.#of(program).messages;
  }

  /** Whether a program waits for an answer of its input method. */
  isAsking(program: number): boolean {
    return this.#of(program).isAsking;
  }

  #of(program: number): Talk {
    return this.#talks.get(program) ?? SILENT;
  }
}
