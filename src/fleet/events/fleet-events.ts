import type { Caller } from '../../accounts/pass.ts';
import { apiProblem } from '../../api/contract/errors.ts';
import { grantedOf } from '../logins/fleet-pass.ts';
import type { FleetState } from '../store/fleet-state.ts';
import type { FleetStore } from '../store/store.ts';
import { type AddressedEvent, eventsBetween } from './fleet-event.ts';
import { FleetEventLog } from './fleet-event-log.ts';
import { FleetEventStream } from './fleet-event-stream.ts';

/** Streams at the same time. A larger number lets readers take more memory and time; a smaller one refuses pages. */
export const MOST_READERS = 512;

/** Proxies end connections that are silent for a minute. */
const KEEP_ALIVE_MS = 15_000;

/** What happens in a fleet, for those who may know of it. */
export class FleetEvents {
  readonly #store: FleetStore;
  readonly #log: FleetEventLog;
  readonly #streams = new Set<FleetEventStream>();
  readonly #keepAlive: NodeJS.Timeout;
  #waking: NodeJS.Immediate | undefined;
  #isClosed = false;

  constructor(store: FleetStore) {
    this.#store = store;
    this.#log = new FleetEventLog(store.state.version);
    store.on('changed', this.#changed);
    this.#keepAlive = setInterval(() => {
      for (const stream of this.#streams) stream.keepAlive();
    }, KEEP_ALIVE_MS).unref();
  }

  /** Tells of something that is not in the store. */
  publish(event: AddressedEvent): void {
    this.#log.publish(event, this.#store.state.version);
    this.#wake();
  }

  /** Begins a stream, after the event of that id if there is one. Throws API_TOO_MANY_READERS or API_CLOSING. */
  open(caller: Caller, lastId: string | undefined): FleetEventStream {
    if (this.#isClosed) throw apiProblem('API_CLOSING');
    if (this.#streams.size >= MOST_READERS)
      throw apiProblem('API_TOO_MANY_READERS', undefined, { headers: { 'Retry-After': '5' } });
    const log = this.#log;
    const { user: users } = this.#store.state;
    // A login by password ends with the password.
    const passwordId = caller.pass === undefined ? users.get(caller.name)?.passwordId : undefined;
    const stream = new FleetEventStream({
      log,
      place: lastId === undefined ? { next: log.next, hasMissed: false } : log.after(lastId),
      version: this.#store.state.version,
      granted: () => {
        const { state } = this.#store;
        const isSame = caller.pass !== undefined || state.user.get(caller.name)?.passwordId === passwordId;
        return isSame ? grantedOf(state, caller) : undefined;
      },
    });
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    return stream;
  }

  /** Ends the streams whose readers may not read any more, such as those of a token that has expired. */
  review(): void {
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#store.off('changed', this.#changed);
    clearInterval(this.#keepAlive);
    clearImmediate(this.#waking);
    for (const stream of this.#streams) stream.end();
  }

  #changed = (before: FleetState, after: FleetState): void => {
    for (const event of eventsBetween(before, after)) this.#log.publish(event, after.version);
    this.#wake();
  };

  /** Any number of events in a turn wake each stream once. */
  #wake(): void {
    if (this.#streams.size === 0) return;
    this.#waking ??= setImmediate(() => {
      this.#waking = undefined;
      for (const stream of this.#streams) stream.wake();
    });
  }
}
