import type { User } from '../../accounts/user.ts';
import { BoundedMap } from '../../common/bounded-map.ts';
import type { Desktop } from '../store/fleet-state.ts';
import { MAX_ENTRIES } from '../store/store.ts';
import { type ConnectedViewer, readViewers } from './connected-viewers.ts';
import type { DesktopPlace } from './reach-desktop.ts';
import { requestDesktop, type WholeAnswer } from './request-desktop.ts';

/** Path and query of the picture. It is as wide as a card of the wall; a larger one takes more bytes. */
const PICTURE = '/api/get_screenshot?width=320&quality=5';
const VIEWERS = '/api/viewers';

/** Longest wait for a desktop, in ms. A smaller value shows no picture of one on a busy machine. */
const ANSWER_LIMIT_MS = 5000;

/**
 * Time in ms for which an answer is kept that came too late for the call that asked. With a smaller value, callers
 * that ask every few seconds get no picture of a slow desktop; a larger one shows them an older one.
 */
const LATE_MS = 10_000;

/** Time in ms for which the list of a desktop's viewers is good. With a smaller value, desktops are asked more often. */
const VIEWERS_MS = 3000;

/**
 * Questions that may be open, or have an answer that is kept: of all users, and of one. Each takes up to MOST_BYTES,
 * usually 10 kB. With a smaller number, as many desktops that hang leave no room for others.
 */
const MOST_OPEN = 1000;
export const MOST_OPEN_OF_USER = 120;

/** Bytes of one answer. A larger value lets a desktop take more of the edge's memory. */
const MOST_BYTES = 256 * 1024;

/** Who wants to see a desktop, and what they have of it. */
export interface Onlooker {
  /** The user with the rights on this desktop. */
  readonly user: User;
  readonly address: string;
  /** Tag of the picture that they have. */
  readonly tag: string | undefined;
}

/** What is to be seen of a desktop at a moment. */
export interface Glance {
  /** Undefined if the picture is the one that the onlooker has. */
  readonly picture: { readonly tag: string; readonly bytes: Buffer } | undefined;
  readonly viewers: readonly ConnectedViewer[];
}

/** A question to a desktop, which is open or has an answer that is kept. */
interface Question {
  readonly answer: Promise<Glance | undefined>;
  forget(): void;
}

interface Kept {
  readonly atMs: number;
  readonly viewers: readonly ConnectedViewer[];
}

/**
 * Small pictures of desktops, and their viewers, for the page that lists them. Pictures are not shared among users,
 * because a desktop may write the name of the user into them.
 */
export class Glances {
  readonly #placeOf: (desktop: Desktop) => DesktopPlace | undefined;
  readonly #version: () => number;
  readonly #open = new Map<string, Question>();
  readonly #openOf = new Map<string, number>();
  readonly #viewers = new BoundedMap<string, Kept>(MAX_ENTRIES.desktop);
  readonly #closed = new AbortController();

  /**
   * `placeOf` says where a desktop's server listens. Undefined if this edge cannot reach it. `version` is that of the
   * fleet's state in which the rights of onlookers were found.
   */
  constructor(placeOf: (desktop: Desktop) => DesktopPlace | undefined, version: () => number) {
    this.#placeOf = placeOf;
    this.#version = version;
  }

  close(): void {
    this.#closed.abort();
  }

  /**
   * Looks at a desktop that runs. Resolves with undefined if it does not answer, and when `deadline` resolves. An answer
   * that is late is that of the next equal call.
   */
  async look(
    desktop: Desktop,
    onlooker: Onlooker,
    deadline: Promise<undefined>,
  ): Promise<Glance | undefined> {
    const { user, address, tag } = onlooker;
    const key = JSON.stringify([desktop.name, desktop.epoch, user.name, address, tag]);
    const question = this.#open.get(key) ?? this.#ask(key, desktop, onlooker);
    const glance = question && (await Promise.race([question.answer, deadline]));
    if (glance !== undefined) question?.forget();
    return glance;
  }

  #ask(key: string, desktop: Desktop, onlooker: Onlooker): Question | undefined {
    const { name } = onlooker.user;
    const open = this.#openOf.get(name) ?? 0;
    if (this.#open.size >= MOST_OPEN || open >= MOST_OPEN_OF_USER) return undefined;
    const answer = this.#glance(desktop, onlooker).catch(() => undefined);
    const forget = (): void => {
      if (this.#open.get(key) !== question) return;
      this.#open.delete(key);
      const left = this.#openOf.get(name)! - 1;
      if (left === 0) this.#openOf.delete(name);
      else this.#openOf.set(name, left);
    };
    const question: Question = { answer, forget };
    this.#open.set(key, question);
    this.#openOf.set(name, open + 1);
    void answer.then((glance) => {
      if (glance === undefined) forget();
      else setTimeout(forget, LATE_MS).unref();
    });
    return question;
  }

  async #glance(desktop: Desktop, onlooker: Onlooker): Promise<Glance> {
    const [picture, viewers] = await Promise.all([
      this.#picture(desktop, onlooker),
      this.#viewersOf(desktop, onlooker),
    ]);
    return { picture, viewers };
  }

  async #picture(desktop: Desktop, onlooker: Onlooker): Promise<Glance['picture']> {
    const { status, headers, bytes } = await this.#call(desktop, PICTURE, onlooker, onlooker.tag);
    if (status === 304) return undefined;
    const tag = /^"([\w-]{1,64})"$/.exec(headers.etag ?? '')?.[1];
    if (status !== 200 || tag === undefined) throw new Error(`The desktop answers with status ${status}.`);
    return { tag, bytes };
  }

  async #viewersOf(desktop: Desktop, onlooker: Onlooker): Promise<readonly ConnectedViewer[]> {
    const key = `${desktop.name} ${desktop.epoch}`;
    const kept = this.#viewers.get(key);
    const nowMs = performance.now();
    if (kept !== undefined && nowMs - kept.atMs < VIEWERS_MS) return kept.viewers;
    const { bytes } = await this.#call(desktop, VIEWERS, onlooker, undefined);
    const viewers = readViewers(bytes);
    this.#viewers.set(key, { atMs: nowMs, viewers });
    return viewers;
  }

  /** Asks a desktop, which answers such calls only to owners. */
  #call(
    desktop: Desktop,
    path: string,
    { user, address }: Onlooker,
    tag: string | undefined,
  ): Promise<WholeAnswer> {
    const place = this.#placeOf(desktop);
    if (place === undefined) throw new Error('This edge cannot reach its host.');
    return requestDesktop(place, desktop, {
      ...{ method: 'GET', path, user: { ...user, owner: true }, address, version: this.#version() },
      ...(tag !== undefined && { headers: { 'If-None-Match': `"${tag}"` } }),
      ...{ signal: this.#closed.signal, limitMs: ANSWER_LIMIT_MS, mostBytes: MOST_BYTES },
    });
  }
}
