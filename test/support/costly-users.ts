import { type Child, forkChild } from '../../bench/ipc.ts';
import * as wire from '../../src/protocol/constants.ts';
import type { CostlyViewer, CostlyViewersCalls } from './costly-viewers-process.ts';
import { HttpsClient } from './https-client.ts';
import { CONTINUOUS } from './memory-viewer.ts';
import { MovingPicture } from './moving-picture.ts';
import { ODD_FORMATS } from './pixel-formats.ts';
import { type RunningDeskwire, startDeskwire } from './start-deskwire.ts';
import type { WebSocketTarget } from './transport-websocket.ts';
import { type Watched, watchBeside } from './watch-beside.ts';

const SIZE = { width: 1920, height: 1080 };
const FPS = 15;
const FORMATS = ODD_FORMATS.slice(0, 12);
const LEVEL_9 = [...CONTINUOUS, wire.PSEUDO_COMPRESSION_FIRST + 9];

const MANY = 8;
const ORDINARY = 'bob';
const costlyUser = (number: number): string => `eve${number}`;
const NAMES = [ORDINARY, ...Array.from({ length: MANY }, (_, i) => costlyUser(i))];

/** Milliseconds by which frames of other users' viewers may be later than without the costly users. */
export const LATER_MS = 50;

/** Who watches beside the ordinary users. */
interface Crowd {
  readonly what: string;
  readonly viewers: readonly { readonly user: string; readonly format: number }[];
}

const viewersOf = (users: readonly number[]): Crowd['viewers'] =>
  FORMATS.flatMap((_, format) => users.map((number) => ({ user: costlyUser(number), format })));

export const CROWDS: readonly Crowd[] = [
  { what: 'a user with 12 costly viewers', viewers: viewersOf([0]) },
  { what: 'two users with the same 12 costly viewers', viewers: viewersOf([0, 1]) },
  {
    what: `${MANY} users with one costly viewer each`,
    viewers: Array.from({ length: MANY }, (_, i) => ({ user: costlyUser(i), format: i })),
  },
];

/**
 * A server with users whose viewers cost much encoder time: a full screen of film without loss, at zlib's level 9, each
 * viewer in a pixel format of its own. Two ordinary users watch the same film, in which each frame has its number.
 */
export class CostlyUsers {
  readonly #server: RunningDeskwire;
  readonly #picture: MovingPicture;
  readonly #costly: Child<CostlyViewersCalls>;

  private constructor(server: RunningDeskwire, picture: MovingPicture) {
    this.#server = server;
    this.#picture = picture;
    this.#costly = forkChild<CostlyViewersCalls>(new URL('./costly-viewers-process.ts', import.meta.url));
  }

  static async start(): Promise<CostlyUsers> {
    const server = await startDeskwire({
      flags: ['--size', `${SIZE.width}x${SIZE.height}`, '--run', 'true'],
    });
    try {
      const client = new HttpsClient(server.url, server.ca, server.owner);
      for (const name of NAMES) {
        const query = new URLSearchParams({ ...userOf(name), read: 'true' });
        const { status } = await client.get(`/api/create_user?${query}`);
        if (status !== 200) throw new Error(`create_user answered ${status}`);
      }
      client.close();
      return new CostlyUsers(server, await MovingPicture.start(server, FPS, 'video'));
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /**
   * Has two ordinary users watch beside a crowd, or alone, until each has seen `frames` frames at the place that sees
   * the fewest.
   */
  watch(frames: number, crowd?: Crowd): Promise<Watched> {
    const beside = (crowd?.viewers ?? []).map(
      ({ user, format }): CostlyViewer => ({
        target: this.#targetOf(user),
        format: FORMATS[format]!,
        encodings: LEVEL_9,
      }),
    );
    const { pid, owner } = this.#server;
    return watchBeside(
      { serverPid: pid, picture: this.#picture, fps: FPS, costly: this.#costly, frames },
      [owner.name, ORDINARY].map((name) => this.#targetOf(name)),
      beside,
    );
  }

  async close(): Promise<void> {
    await this.#costly.close();
    await this.#picture.close();
    await this.#server.stop();
  }

  #targetOf(name: string): WebSocketTarget {
    const { url, ca, owner } = this.#server;
    return { url, ca, user: name === owner.name ? owner : userOf(name) };
  }
}

const userOf = (name: string) => ({ name, password: `password of ${name}` });
