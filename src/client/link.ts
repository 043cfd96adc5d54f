import type { ClipboardContent } from '../protocol/clipboard-content.ts';
import { backoffDelayMs } from './backoff.ts';
import { Connection, type ConnectionEnd, type ConnectionEvents } from './connection.ts';
import { type Explanation, explainDisconnect } from './disconnect.ts';
import type { InputSink } from './input/input-sink.ts';
import type { PictureSettings } from './picture-settings.ts';
import { fetchTicket, socketUrl } from './ticket.ts';

/** Longest wait for the server's answer to the probe, in ms. After that the server counts as unreachable. */
const PROBE_TIMEOUT_MS = 4000;

/** Events of the link itself. Those of its connections are separate. */
export interface LinkEvents extends ConnectionEvents {
  onConnecting(): void;
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
    void this.#open();
  }

  setPicture(picture: PictureSettings): void {
    this.#picture = picture;
    this.#connection?.setPicture(picture);
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

  requestDesktopSize(width: number, height: number): void {
    this.#connection?.requestDesktopSize(width, height);
  }

  /** Opens a connection, and reports its end. */
  async #open(): Promise<void> {
    const { baseUrl, token } = this.#place;
    const answer = await fetchTicket(baseUrl, token);
    if (this.#closed.signal.aborted) return;
    if (answer.kind === 'refused') {
      this.#onClosed({ serverReason: '', localReason: '', isFinal: false, wasConnected: false }, answer);
      return;
    }
    const connection = new Connection(socketUrl(baseUrl, answer), this.#picture, this.#events);
    this.#connection = connection;
    const end = await connection.closed;
    this.#connection = undefined;
    if (this.#closed.signal.aborted) return;
    const last = await probe(this.#place);
    if (!this.#closed.signal.aborted) this.#onClosed(end, last);
  }

  /** `last` is the server's last answer, with its reason if it refused. */
  #onClosed(end: ConnectionEnd, last: ProbeAnswer): void {
    if (end.wasConnected) {
      this.#attempt = 0;
      this.#farewell = '';
    }
    this.#farewell = end.serverReason || this.#farewell;
    const serverReason = (end.isFinal && end.serverReason) || (last.reason ?? this.#farewell);
    const explanation = explainDisconnect({ ...end, serverReason, probeStatus: last.status });
    const delayMs = backoffDelayMs(this.#attempt++, Math.random());
    this.#isBusy = false;
    if (explanation.retries) this.#retryTimer = setTimeout(() => this.connect(), delayMs);
    this.#events.onDisconnected(explanation, performance.now() + delayMs);
  }

  #hurry(): void {
    if (this.#retryTimer !== undefined) this.connect();
  }
}

interface ProbeAnswer {
  /** HTTP status; undefined if the server does not answer. */
  readonly status: number | undefined;
  /** Why the server refuses, or has refused the WebSocket: a browser does not tell a script. */
  readonly reason?: string;
}

/** Asks again, to learn why a connection ended. */
async function probe({ baseUrl, token }: DesktopPlace): Promise<ProbeAnswer> {
  if (token !== undefined) {
    const answer = await fetchTicket(baseUrl, token);
    return answer.kind === 'refused' ? answer : { status: 200 };
  }
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const request: RequestInit = { method: 'HEAD', mode: 'same-origin', cache: 'no-store', signal };
    const { status, headers } = await fetch(baseUrl, request);
    const reason = headers.get('deskwire-reason');
    return { status, ...(reason !== null && { reason: decodeURIComponent(reason) }) };
  } catch {
    return { status: undefined };
  }
}
