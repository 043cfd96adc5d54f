import { backoffDelayMs } from './backoff.ts';
import { Connection, type ConnectionEvents } from './connection.ts';
import { type Explanation, explainDisconnect } from './disconnect.ts';
import type { InputSink } from './input/input-sink.ts';
import type { Settings } from './settings.ts';

/** Longest wait for the server's answer to the probe, in ms. After that the server counts as unreachable. */
const PROBE_TIMEOUT_MS = 4000;

/** Events of the link itself. Those of its connections are separate. */
export interface LinkEvents extends ConnectionEvents {
  onConnecting(): void;
  /** Called when a connection ended. `retryAtMs`, of `performance.now()`, is meaningful only if the page retries. */
  onDisconnected(explanation: Explanation, retryAtMs: number): void;
}

/** Keeps the page connected to its desktop: opens one connection after another until a retry makes no sense. */
export class Link implements InputSink {
  readonly #baseUrl: URL;
  readonly #settings: Settings;
  readonly #events: LinkEvents;
  #connection: Connection | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  /** Number of retries since the last connection that worked. */
  #attempt = 0;
  #isBusy = false;
  /** Reason that the server gave when it closed the connection, kept while it stays unreachable. */
  #farewell = '';

  /** `baseUrl` is the folder of the page. */
  constructor(baseUrl: URL, settings: Settings, events: LinkEvents) {
    this.#baseUrl = baseUrl;
    this.#settings = settings;
    this.#events = events;
    // The server may be reachable again when the network is back or the user returns to the page.
    window.addEventListener('online', () => this.#hurry());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#hurry();
    });
  }

  /** Connects now, unless the link is connected or connecting. */
  connect(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#events.onConnecting();
    const url = new URL('websockify', this.#baseUrl);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const connection = new Connection(url, this.#settings, this.#events);
    this.#connection = connection;
    void connection.closed.then((end) => this.#onClosed(end));
  }

  key(isDown: boolean, keysym: number, scancode: number): void {
    this.#connection?.key(isDown, keysym, scancode);
  }

  pointer(buttons: number, x: number, y: number): void {
    this.#connection?.pointer(buttons, x, y);
  }

  clipboard(text: string): void {
    this.#connection?.clipboard(text);
  }

  requestDesktopSize(width: number, height: number): void {
    this.#connection?.requestDesktopSize(width, height);
  }

  async #onClosed(end: Awaited<Connection['closed']>): Promise<void> {
    this.#connection = undefined;
    if (end.wasConnected) {
      this.#attempt = 0;
      this.#farewell = '';
    }
    this.#farewell = end.serverReason || this.#farewell;
    const probeStatus = await probe(this.#baseUrl);
    const explanation = explainDisconnect({ ...end, serverReason: this.#farewell, probeStatus });
    const delayMs = backoffDelayMs(this.#attempt++, Math.random());
    this.#isBusy = false;
    if (explanation.retries) this.#retryTimer = setTimeout(() => this.connect(), delayMs);
    this.#events.onDisconnected(explanation, performance.now() + delayMs);
  }

  #hurry(): void {
    if (this.#retryTimer !== undefined) this.connect();
  }
}

/** Returns the HTTP status of a request for the page, or undefined if the server does not answer. */
async function probe(url: URL): Promise<number | undefined> {
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const { status } = await fetch(url, { method: 'HEAD', mode: 'same-origin', cache: 'no-store', signal });
    return status;
  } catch {
    return undefined;
  }
}
