import type { ClipboardContent } from '../protocol/clipboard-content.ts';
import { desktopStateOf } from './api/desktop-state.ts';
import type { Refusal } from './api/refusal.ts';
import { retryAfterOf } from './api/retry-after.ts';
import { sessionHeaders, sessionKey } from './api/session-key.ts';
import { backoffDelayMs, promisedDelayMs } from './backoff.ts';
import { Connection, type ConnectionEnd, type ConnectionEvents } from './connection.ts';
import { type Absence, type Explanation, explainDisconnect } from './disconnect.ts';
import { takeOpening } from './early-opening.ts';
import type { InputSink } from './input/input-sink.ts';
import type { Totals } from './measured.ts';
import { openDesktop } from './opening.ts';
import type { PictureSettings } from './picture-settings.ts';
import { fetchTicket, type LoggedIn } from './ticket.ts';

/** Longest wait for the server's answer to the probe, in ms. After that the server counts as unreachable. */
const PROBE_TIMEOUT_MS = 4000;

/** Events of the link itself. Those of its connections are separate. */
export interface LinkEvents extends ConnectionEvents {
  onConnecting(): void;
  /** Called when the server says who is logged in, before each connection. */
  onLoggedIn(who: LoggedIn): void;
  /** Called when a connection ended. `retryAtMs`, of `performance.now()`, is meaningful only if the page retries. */
  onDisconnected(explanation: Explanation, retryAtMs: number): void;
}

/** The server of a desktop. */
export interface DesktopPlace {
  /** The server's folder, with its `websockify` and `ticket`. */
  readonly baseUrl: URL;
  /** Logs in instead of the browser's cookie, for pages of other origins. */
  readonly token?: string | undefined;
}

/** Keeps the page connected to its desktop: opens one connection after another until a retry makes no sense. */
export class Link implements InputSink {
  readonly #place: DesktopPlace;
  #picture: PictureSettings;
  readonly #events: LinkEvents;
  #connection: Connection | undefined;
  readonly #closed = new AbortController();
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  /** Number of retries since the last connection that worked. */
  #attempt = 0;
  #isBusy = false;
  /** Number of the attempt. What an earlier one finds out has no effect. */
  #run = 0;
  /** Whether any connection has worked since the page was loaded. */
  #hasWorked = false;
  #isMeasuring = false;
  /** Reason that the server gave when it closed the connection, kept while it stays unreachable. */
  #farewell = '';

  constructor(place: DesktopPlace, picture: PictureSettings, events: LinkEvents) {
    this.#place = place;
    this.#picture = picture;
    this.#events = events;
    // The server may be reachable again when the network is back or the user returns to the page.
    const { signal } = this.#closed;
    window.addEventListener('online', () => this.#hurry(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden || this.#hurry(), { signal });
  }

  /** Ends the connection for good. */
  close(): void {
    this.#closed.abort();
    clearTimeout(this.#retryTimer);
    this.#connection?.close();
  }

  /** Connects now, unless the link is connected or connecting. */
  connect(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#events.onConnecting();
    void this.#open(++this.#run);
  }

  /** Ends the connection until `connect`. Whoever calls this knows why, so that the end is not reported. */
  disconnect(): void {
    this.#run++;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#isBusy = false;
    this.#farewell = '';
    this.#connection?.close();
    this.#connection = undefined;
  }

  setPicture(picture: PictureSettings): void {
    this.#picture = picture;
    this.#connection?.setPicture(picture);
  }

  /** Measures this connection and those that follow. */
  measure(): void {
    this.#isMeasuring = true;
    this.#connection?.measure();
  }

  key(isDown: boolean, keysym: number, scancode: number): void {
    this.#connection?.key(isDown, keysym, scancode);
  }

  pointer(buttons: number, x: number, y: number): void {
    this.#connection?.pointer(buttons, x, y);
  }

  nudge(buttons: number, dx: number, dy: number): void {
    this.#connection?.nudge(buttons, dx, dy);
  }

  clipboard(content: ClipboardContent): void {
    this.#connection?.clipboard(content);
  }

  requestDesktopSize(width: number, height: number, scalePercent: number): void {
    this.#connection?.requestDesktopSize(width, height, scalePercent);
  }

  askStatistics(): void {
    this.#connection?.askStatistics();
  }

  /** Undefined while there is no connection. */
  get totals(): Totals | undefined {
    return this.#connection?.totals;
  }

  /** Opens a connection, and reports its end. */
  async #open(run: number): Promise<void> {
    const { baseUrl, token } = this.#place;
    const isOver = (): boolean => this.#closed.signal.aborted || run !== this.#run;
    const begun = token === undefined ? await takeOpening() : undefined;
    const opening = begun ?? (await openDesktop(baseUrl, token, () => !isOver()));
    if (opening === undefined || isOver()) {
      if (opening?.kind === 'opened') opening.socket.close();
      return;
    }
    if (opening.kind === 'refused') {
      const absence = await absenceIn(opening, this.#hasWorked);
      if (!isOver()) this.#onClosed(NOTHING_OPENED, opening, absence);
      return;
    }
    if (opening.loggedIn) this.#events.onLoggedIn(opening.loggedIn);
    const connection = new Connection(opening, this.#picture, this.#events);
    this.#connection = connection;
    if (this.#isMeasuring) connection.measure();
    const end = await connection.closed;
    if (isOver()) return;
    this.#connection = undefined;
    const last = await probe(this.#place);
    const absence = await absenceIn(last, this.#hasWorked || end.wasConnected);
    if (!isOver()) this.#onClosed(end, last, absence);
  }

  /** `last` is the server's last answer, with its reason if it refused. */
  #onClosed(end: ConnectionEnd, last: Refusal, absence: Absence | undefined): void {
    if (end.wasConnected) {
      this.#hasWorked = true;
      this.#attempt = 0;
      this.#farewell = '';
    }
    this.#farewell = end.serverReason || this.#farewell;
    const serverReason = (end.isFinal && end.serverReason) || (last.reason ?? this.#farewell);
    const explanation = explainDisconnect({
      ...end,
      serverReason,
      probeStatus: last.status,
      isOnline: navigator.onLine,
      code: last.code,
      retryAfterS: last.retryAfterS,
      absence,
      wasLoggedIn: this.#hasWorked || sessionKey(this.#place.baseUrl) !== undefined,
    });
    const { next } = explanation;
    const random = Math.random();
    const isPromised = next === 'wait' && last.retryAfterS !== undefined;
    const delayMs = isPromised
      ? promisedDelayMs(last.retryAfterS, random)
      : backoffDelayMs(this.#attempt++, random);
    this.#isBusy = false;
    if (next === 'retry' || next === 'wait') this.#retryTimer = setTimeout(() => this.connect(), delayMs);
    this.#events.onDisconnected(explanation, performance.now() + delayMs);
  }

  #hurry(): void {
    if (this.#retryTimer !== undefined) this.connect();
  }
}

/** The end of an attempt that the server has refused before there was a WebSocket. */
const NOTHING_OPENED: ConnectionEnd = {
  ...{ serverReason: '', localReason: '' },
  ...{ isFinal: false, wasConnected: false, hasOpened: false },
};

/** Asks again, to learn why a connection ended, or why the server refused it: a browser does not tell a script. */
async function probe({ baseUrl, token }: DesktopPlace): Promise<Refusal> {
  if (token !== undefined) {
    const answer = await fetchTicket(baseUrl, token);
    return answer.kind === 'refused' ? answer : { status: 200 };
  }
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const { status, headers } = await fetch(baseUrl, {
      method: 'HEAD',
      mode: 'same-origin',
      cache: 'no-store',
      headers: sessionHeaders(baseUrl),
      signal,
    });
    const reason = headers.get('deskwire-reason');
    const code = headers.get('deskwire-code') ?? undefined;
    const more = { retryAfterS: retryAfterOf(headers), desktop: desktopStateOf(headers) };
    return { status, code, ...more, ...(reason !== null && { reason: decodeURIComponent(reason) }) };
  } catch {
    return { status: undefined };
  }
}

/** Says why a desktop of a fleet is not there, if that is so. Its words are loaded when they are needed. */
async function absenceIn(last: Refusal, wasThere: boolean): Promise<Absence | undefined> {
  if (last.code?.startsWith('FLEET_') !== true) return undefined;
  const loaded = await import('./fleet/explain-absence.ts').catch(() => undefined);
  return loaded?.explainAbsence(last, wasThere);
}
