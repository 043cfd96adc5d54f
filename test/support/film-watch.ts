import { createHash } from 'node:crypto';
import { monotonicMs } from '../../bench/clock.ts';
import { type Child, forkChild } from '../../bench/ipc.ts';
import type { Seen } from './latency-watch.ts';
import { MovingPicture, type Painted } from './moving-picture.ts';
import type { WebSocketTarget } from './transport-websocket.ts';
import { waitFor } from './wait-for.ts';
import type { WatcherCalls } from './watcher-process.ts';

const FPS = 30;
/** Frames before what is measured, until the picture and the viewer run evenly, and frames that it is compared with. */
const SETTLING_FRAMES = 15;
const QUIET_FRAMES = 45;
/** Longest wait for a content, in milliseconds. */
const RECEIVED_LIMIT_MS = 60_000;

/** What a viewer saw of a film while something happened, and right before. */
export interface Beside {
  readonly before: Seen;
  readonly meanwhile: Seen;
}

/** A viewer that watches a film of the desktop. Film and viewer have a process each. */
export class FilmWatch {
  readonly #watcher: Child<WatcherCalls>;
  readonly #picture: MovingPicture;

  private constructor(watcher: Child<WatcherCalls>, picture: MovingPicture) {
    this.#watcher = watcher;
    this.#picture = picture;
  }

  static async start(
    on: Painted,
    target: WebSocketTarget,
    encodings?: readonly number[],
  ): Promise<FilmWatch> {
    const picture = await MovingPicture.start(on, FPS);
    const film = new FilmWatch(forkChild(new URL('./watcher-process.ts', import.meta.url)), picture);
    try {
      await film.#watcher.calls.connect(target, 'moving', encodings);
      return film;
    } catch (error) {
      await film.close();
      throw error;
    }
  }

  /** Has something happen while the film is watched. */
  async during(happen: () => Promise<void>): Promise<Beside> {
    await this.#picture.stop();
    await this.#picture.paint(FPS);
    await this.#updates(SETTLING_FRAMES);
    const quietMs = monotonicMs();
    await this.#updates(QUIET_FRAMES);
    const fromMs = monotonicMs();
    await happen();
    // A frame that is still on its way then counts too.
    await this.#updates(2);
    const toMs = monotonicMs();
    const painted = await this.#picture.stop();
    return {
      before: await this.#watcher.calls.between(quietMs, fromMs, painted),
      meanwhile: await this.#watcher.calls.between(fromMs, toMs, painted),
    };
  }

  /** Resolves when the watching viewer has been sent this content by KasmVNC's message. */
  async received(data: Buffer): Promise<void> {
    const wanted = createHash('sha256').update(data).digest('hex');
    const isThere = async (): Promise<boolean> => (await this.#watcher.calls.lastContent()) === wanted;
    await waitFor('the content at the viewer', isThere, RECEIVED_LIMIT_MS);
  }

  async close(): Promise<void> {
    await this.#picture.close();
    await this.#watcher.close();
  }

  async #updates(count: number): Promise<void> {
    const until = (await this.#watcher.calls.updates()) + count;
    await waitFor('frames', async () => (await this.#watcher.calls.updates()) > until);
  }
}
