import { backoffDelayMs } from './backoff.ts';
import { Connection, type ConnectionEvents } from './connection.ts';
import { type Explanation, explainDisconnect } from './disconnect.ts';
import type { InputSink } from './input/input-sink.ts';
import type { Settings } from './settings.ts';

/** The server is asked why it broke off; without an answer in this time it counts as unreachable. */
const PROBE_TIMEOUT_MS = 4000;

/** What a link tells the page besides what its connections say. */
export interface LinkEvents extends ConnectionEvents {
  onConnecting(): void;
  /** `retryAtMs`, of `performance.now()`, holds where the explanation says that it retries. */
  onDisconnected(explanation: Explanation, retryAtMs: number): void;
}

/** The page's tie to its desktop: one connection after the other, as long as there is hope. */
export class Link implements InputSink {
  readonly #baseUrl: URL;
  readonly #settings: Settings;
  readonly #events: LinkEvents;
  #connection: Connection | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  /** Retries since the last connection that worked. */
  #attempt = 0;
  #isBusy = false;
  /** Why the server said goodbye, for as long as it stays away. */
  #farewell = '';

  /** `baseUrl` is the folder in which the page lies. */
  constructor(baseUrl: URL, settings: Settings, events: LinkEvents) {
    this.#baseUrl = baseUrl;
    this.#settings = settings;
    this.#events = events;
    // What was out of reach may be back: when the network is, and when somebody looks.
    window.addEventListener('online', () => this.#hurry());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#hurry();
    });
  }

  /** Connects now, unless it is connected or connecting. */
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

/** The status with which the server answers for the page, or undefined where it doesn't answer. */
async function probe(url: URL): Promise<number | undefined> {
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const { status } = await fetch(url, { method: 'HEAD', mode: 'same-origin', cache: 'no-store', signal });
    return status;
  } catch {
    return undefined;
  }
}
