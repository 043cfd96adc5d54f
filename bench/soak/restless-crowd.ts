import { setTimeout as sleep } from 'node:timers/promises';
import { PSEUDO_EXTENDED_CLIPBOARD, PSEUDO_WEBP } from '../../src/protocol/constants.ts';
import type { WebSocketTarget } from '../../test/support/transport-websocket.ts';
import { STANDARD_ENCODINGS, Viewer, type ViewerOptions, ZSTD_ENCODINGS } from '../../test/support/viewer.ts';
import { createDice, type Dice } from '../scenes/dice.ts';

/** How viewers end: by a closing handshake, or like a machine that vanishes. */
const VANISHES = 0.3;
/** Time that a viewer stays, and time until its place has the next one, in ms. */
const STAYS_MS = [2_000, 40_000] as const;
const AWAY_MS = [100, 5_000] as const;
/** Time for which a viewer on a bad link reads nothing, in ms. */
const LAGS_MS = [200, 4_000] as const;
/** Time between two acts of a viewer, in ms. */
const ACTS_EVERY_MS = [100, 2_500] as const;

/** Widths and heights that viewers ask for. */
const SIZES = [640, 800, 1024].flatMap((width) => [480, 600].map((height) => ({ width, height })));
const LETTERS = [0x61, 0x62, 0x20, 0xff0d, 0xffe1];

const KINDS: readonly ViewerOptions[] = [
  { encodings: STANDARD_ENCODINGS },
  { encodings: ZSTD_ENCODINGS },
  { encodings: [...STANDARD_ENCODINGS, PSEUDO_WEBP] },
  { encodings: [...STANDARD_ENCODINGS, PSEUDO_EXTENDED_CLIPBOARD], updates: 'requested' },
];

/** What a crowd did and saw so far. */
export interface CrowdReport {
  readonly connected: number;
  readonly joined: number;
  readonly updates: number;
  readonly resizes: number;
  readonly clipboards: number;
  /** Viewers that lagged and were cut off for it. */
  readonly cutOff: number;
  /** What no viewer caused: refused connections, nonsense from the server, connections that the server ended. */
  readonly errors: readonly string[];
}

/** Viewers that come, go, lag, vanish, type, paste and resize. One seed gives each place the same acts in each run. */
export class RestlessCrowd {
  readonly #target: WebSocketTarget;
  readonly #ended = new AbortController();
  readonly #counts = { connected: 0, joined: 0, updates: 0, resizes: 0, clipboards: 0, cutOff: 0 };
  readonly #errors: string[] = [];
  readonly #places: Promise<void>[];

  constructor(target: WebSocketTarget, viewers: number, seed: number) {
    this.#target = target;
    this.#places = Array.from({ length: viewers }, (_, place) =>
      this.#keepPlace(createDice(seed * 1000 + place)),
    );
  }

  report(): CrowdReport {
    return { ...this.#counts, errors: [...this.#errors] };
  }

  /** Has all viewers leave. */
  async close(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#places);
  }

  async #keepPlace(dice: Dice): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await this.#pause(dice, AWAY_MS);
      if (this.#ended.signal.aborted) return;
      await this.#stay(dice).catch((error: Error) => {
        if (!this.#ended.signal.aborted) this.#errors.push(error.message);
      });
    }
  }

  /** One viewer, from its coming to its going. */
  async #stay(dice: Dice): Promise<void> {
    const viewer = await Viewer.connectWebSocket(this.#target, { ...dice.pick(KINDS), decode: false });
    this.#counts.joined++;
    this.#counts.connected++;
    let hasLagged = false;
    viewer.on('update', () => void this.#counts.updates++);
    viewer.on('failure', (error) => this.#errors.push(`The server sent nonsense: ${error.message}`));
    const leavesAtMs = performance.now() + dice.integer(...STAYS_MS);
    while (
      performance.now() < leavesAtMs &&
      viewer.closedReason === undefined &&
      !this.#ended.signal.aborted
    ) {
      if (dice.chance(0.1)) {
        hasLagged = true;
        viewer.pauseReading();
        await this.#pause(dice, LAGS_MS);
        viewer.resumeReading();
      } else this.#act(dice, viewer);
      await this.#pause(dice, ACTS_EVERY_MS);
    }
    this.#counts.connected--;
    if (viewer.closedReason !== undefined) {
      // A viewer that does not read may be cut off. One that reads must not.
      if (hasLagged) this.#counts.cutOff++;
      else this.#errors.push(`The server ended a connection: ${viewer.closedReason}`);
    } else if (dice.chance(VANISHES)) viewer.destroy();
    else await viewer.close();
  }

  #act(dice: Dice, viewer: Viewer): void {
    const act = dice.integer(0, 9);
    if (act === 0) {
      this.#counts.resizes++;
      viewer.requestSize(dice.pick(SIZES));
    } else if (act === 1) {
      this.#counts.clipboards++;
      viewer.send({ type: 'clientCutText', text: 'x'.repeat(dice.integer(0, 20_000)) });
    } else if (act < 5) viewer.typeKeys(dice.pick(LETTERS));
    else viewer.sendPointer(dice.integer(0, 639), dice.integer(0, 479), dice.pick([0, 0, 0, 1]));
  }

  async #pause(dice: Dice, [least, most]: readonly [number, number]): Promise<void> {
    await sleep(dice.integer(least, most), undefined, { signal: this.#ended.signal }).catch(() => undefined);
  }
}
