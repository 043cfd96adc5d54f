import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FleetState } from '../store/fleet-state.ts';
import type { SigningKey } from '../store/logins.ts';
import type { FleetStore } from '../store/store.ts';

/**
 * Time in ms after which another key signs, and again until the old one is worth nothing: as long as the longest
 * session. With a smaller value, sessions end before their time.
 */
export const KEY_LIFE_MS = 30 * 24 * 60 * 60 * 1000;

/** Time in ms between two looks whether a new key is due. */
const LOOK_EACH_MS = 60 * 60 * 1000;

/** The name of the only entry. */
const ENTRY = 'login';

const KEY_BYTES = 32;
const ID_BYTES = 6;

/** Characters of a signed text that are read: more than the longest name makes it. */
const MAX_TEXT = 4096;

/** What a text was signed for. One that was signed for something else is not good. */
export type Purpose = 'session' | 'cookie' | 'viewer';

/** Signs what browsers keep of their logins, with a key that all edges of a fleet have in its store. */
export class LoginKeys {
  readonly #store: FleetStore;
  readonly #onProblem: (error: unknown) => void;
  readonly #looks: NodeJS.Timeout;

  /** Makes a key if there is none. */
  static async open(store: FleetStore, onProblem: (error: unknown) => void): Promise<LoginKeys> {
    if (isDue(store.state)) await store.transact(renewed);
    return new LoginKeys(store, onProblem);
  }

  private constructor(store: FleetStore, onProblem: (error: unknown) => void) {
    this.#store = store;
    this.#onProblem = onProblem;
    this.#looks = setInterval(() => this.#look(), LOOK_EACH_MS).unref();
  }

  close(): void {
    clearInterval(this.#looks);
  }

  /** Names the fleet. */
  get fleet(): string {
    return this.#store.state.keys.get(ENTRY)?.fleet ?? '';
  }

  /** A text with this value that `read` reads. */
  sign(purpose: Purpose, value: object): string {
    const key = this.#keys.at(-1)!;
    const text = Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${key.id}.${text}.${macOf(purpose, text, key).toString('base64url')}`;
  }

  /** The value of a text that an edge of this fleet has signed for this purpose. Undefined for other texts. */
  read(purpose: Purpose, signed: string): unknown {
    if (signed.length > MAX_TEXT) return undefined;
    const [id, text = '', mac = ''] = signed.split('.');
    const key = this.#keys.find((one) => one.id === id);
    if (key === undefined) return undefined;
    const given = Buffer.from(mac, 'base64url');
    const right = macOf(purpose, text, key);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  }

  get #keys(): readonly SigningKey[] {
    return this.#store.state.keys.get(ENTRY)?.keys ?? [];
  }

  #look(): void {
    if (isDue(this.#store.state)) void this.#store.transact(renewed).catch(this.#onProblem);
  }
}

const isDue = ({ keys }: FleetState): boolean => {
  const newest = keys.get(ENTRY)?.keys.at(-1);
  return newest === undefined || Date.now() - newest.madeMs >= KEY_LIFE_MS;
};

/** Another key signs, and the last one stays good. */
function renewed(state: FleetState) {
  if (!isDue(state)) return [];
  const key = {
    id: randomBytes(ID_BYTES).toString('base64url'),
    key: randomBytes(KEY_BYTES).toString('base64url'),
    madeMs: Date.now(),
  };
  const { fleet = randomBytes(ID_BYTES).toString('base64url'), keys = [] } = state.keys.get(ENTRY) ?? {};
  return [{ kind: 'keys', name: ENTRY, value: { fleet, keys: [...keys.slice(-1), key] } } as const];
}

const macOf = (purpose: Purpose, text: string, { key }: SigningKey): Buffer =>
  createHmac('sha256', Buffer.from(key, 'base64url')).update(`${purpose}.${text}`).digest();
