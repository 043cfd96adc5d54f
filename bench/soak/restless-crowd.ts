import { setTimeout as sleep } from 'node:timers/promises';
import { PSEUDO_EXTENDED_CLIPBOARD, PSEUDO_WEBP } from '../../src/protocol/constants.ts';
import { RFB_ERRORS } from '../../src/protocol/errors.ts';
import type { WebSocketTarget } from '../../test/support/transport-websocket.ts';
import { STANDARD_ENCODINGS, Viewer, type ViewerOptions, ZSTD_ENCODINGS } from '../../test/support/viewer.ts';
import { createDice, type Dice } from '../scenes/dice.ts';
import { beganTooLate } from './logged-problems.ts';

/** Time that a viewer stays, and time until its place has the next one, in ms. */
const STAYS_MS = [2_000, 40_000] as const;
const AWAY_MS = [100, 5_000] as const;
/** Time between two acts of a viewer, in ms. */
const ACTS_EVERY_MS = [100, 2_500] as const;
/** Time for which a viewer on a bad link reads nothing, in ms. The server may not cut it off for that. */
const LAGS_MS = [200, 4_000] as const;

/** Shares of the viewers that end without a closing handshake, and that fall silent with their connection open. */
const VANISHES = 0.3;
const FALLS_SILENT = 0.05;
/**
 * Time for which a silent viewer's connection stays open, in ms. The server promises to cut it off after 30 to 40 s. A
 * larger value keeps more of them; a smaller one calls a busy server's delay an error.
 */
const SILENT_MS = 60_000;
/** Time for the end of a connection that the server cut off to arrive, in ms. */
const END_ARRIVES_MS = 10_000;

/** Widths and heights that viewers ask for. */
const SIZES = [640, 800, 1024].flatMap((width) => [480, 600].map((height) => ({ width, height })));
const LETTERS = [0x61, 0x62, 0x20, 0xff0d, 0xffe1];
const MOST_PASTED = 20_000;

const KINDS: readonly ViewerOptions[] = [
  { encodings: STANDARD_ENCODINGS },
  { encodings: ZSTD_ENCODINGS },
  { encodings: [...STANDARD_ENCODINGS, PSEUDO_WEBP] },
  { encodings: [...STANDARD_ENCODINGS, PSEUDO_EXTENDED_CLIPBOARD], updates: 'requested' },
];

/** Errors that are kept. A server that refuses every viewer makes more of them than anyone reads. */
const MOST_ERRORS = 100;

/** The viewer's limit for its handshake, and the server's. A busy machine exceeds them. */
const HANDSHAKE_TOO_LONG = /^No handshake|did not complete the RFB handshake in time/;

/** What a crowd did and saw so far. */
export interface CrowdReport {
  readonly connected: number;
  readonly joined: number;
  readonly updates: number;
  readonly resizes: number;
  readonly clipboards: number;
  readonly lags: number;
  readonly vanished: number;
  readonly silent: number;
  /** Viewers that did not read and were cut off for that. */
  readonly cutOff: number;
  /** What no viewer caused: refused connections, nonsense from the server, connections that the server ended. */
  readonly errors: readonly string[];
  /** Viewers that were not let in, in time. */
  readonly late: readonly string[];
}

type Counts = { -readonly [K in keyof Omit<CrowdReport, 'errors' | 'late'>]: number };

/** Viewers that come, go, lag, vanish, type, paste and resize. One seed gives each place the same acts in each run. */
export class RestlessCrowd {
  readonly #targets: readonly WebSocketTarget[];
  readonly #dice: readonly Dice[];
  #ended = new AbortController();
  readonly #counts: Counts = {
    connected: 0,
    joined: 0,
    updates: 0,
    resizes: 0,
    clipboards: 0,
    lags: 0,
    vanished: 0,
    silent: 0,
    cutOff: 0,
  };
  readonly #errors: string[] = [];
  readonly #late: string[] = [];
  #places: readonly Promise<void>[] = [];
  readonly #silent = new Set<Promise<void>>();

  /** `targets` differ in their users, of whom each viewer is one. */
  constructor(targets: readonly WebSocketTarget[], viewers: number, seed: number) {
    this.#targets = targets;
    this.#dice = Array.from({ length: viewers }, (_, place) => createDice(seed * 1000 + place));
    this.come();
  }

  /** Has viewers come and go until `leave`. */
  come(): void {
    this.#ended = new AbortController();
    this.#places = this.#dice.map((dice) => this.#keepPlace(dice));
  }

  report(): CrowdReport {
    return { ...this.#counts, errors: [...this.#errors], late: [...this.#late] };
  }

  /** Has all viewers leave. */
  async leave(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#places);
    await Promise.all(this.#silent);
  }

  async #keepPlace(dice: Dice): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await this.#pause(dice.integer(...AWAY_MS));
      if (this.#ended.signal.aborted) return;
      await this.#visit(dice).catch((error: Error) => {
        const isLate = HANDSHAKE_TOO_LONG.test(error.message) || beganTooLate(error);
        this.#note(isLate ? this.#late : this.#errors, error.message);
      });
    }
  }

  /** One viewer, from its coming to its going. */
  async #visit(dice: Dice): Promise<void> {
    const options = { ...dice.pick(KINDS), decode: false };
    const viewer = await Viewer.connectWebSocket(dice.pick(this.#targets), options);
    this.#counts.joined++;
    this.#counts.connected++;
    viewer.on('update', () => void this.#counts.updates++);
    viewer.on('failure', (error) => this.#error(`The server sent nonsense: ${error.message}`));
    const hasLagged = await this.#stay(dice, viewer);
    this.#counts.connected--;
    if (viewer.closedReason !== undefined) this.#wasEnded(viewer.closedReason, hasLagged);
    else await this.#go(dice, viewer);
  }

  /** Resolves with whether the viewer has lagged, when its time is over or its connection has ended. */
  async #stay(dice: Dice, viewer: Viewer): Promise<boolean> {
    let hasLagged = false;
    const leavesAtMs = performance.now() + dice.integer(...STAYS_MS);
    const isHere = (): boolean => performance.now() < leavesAtMs && viewer.closedReason === undefined;
    while (isHere() && !this.#ended.signal.aborted) {
      if (dice.chance(0.1)) {
        hasLagged = true;
        this.#counts.lags++;
        viewer.pauseReading();
        await this.#pause(dice.integer(...LAGS_MS));
        viewer.resumeReading();
      } else this.#act(dice, viewer);
      await this.#pause(dice.integer(...ACTS_EVERY_MS));
    }
    return hasLagged;
  }

  async #go(dice: Dice, viewer: Viewer): Promise<void> {
    if (dice.chance(VANISHES)) {
      this.#counts.vanished++;
      viewer.destroy();
    } else if (dice.chance(FALLS_SILENT)) {
      this.#counts.silent++;
      const silence = this.#fallSilent(viewer).finally(() => this.#silent.delete(silence));
      this.#silent.add(silence);
    } else await viewer.close();
  }

  /** Leaves a viewer's connection open without reading, like a machine whose network has gone. */
  async #fallSilent(viewer: Viewer): Promise<void> {
    viewer.pauseReading();
    await this.#pause(SILENT_MS);
    if (!this.#ended.signal.aborted) {
      viewer.resumeReading();
      await viewer
        .waitForClose(END_ARRIVES_MS)
        .catch(() => this.#error(`The server kept a viewer that was silent for ${SILENT_MS} ms.`));
    }
    viewer.destroy();
  }

  /** A viewer that does not read may be cut off for that, and for nothing else. */
  #wasEnded(reason: string, hasLagged: boolean): void {
    if (hasLagged && reason.includes(RFB_ERRORS.RFB_NOT_READING)) this.#counts.cutOff++;
    else this.#error(`The server ended a connection: ${reason}`);
  }

  #act(dice: Dice, viewer: Viewer): void {
    const act = dice.integer(0, 39);
    if (act === 0) {
      this.#counts.resizes++;
      viewer.requestSize(dice.pick(SIZES));
    } else if (act < 4) {
      this.#counts.clipboards++;
      viewer.send({ type: 'clientCutText', text: 'x'.repeat(dice.integer(0, MOST_PASTED)) });
    } else if (act < 20) viewer.typeKeys(dice.pick(LETTERS));
    else viewer.sendPointer(dice.integer(0, 639), dice.integer(0, 479), dice.pick([0, 0, 0, 1]));
  }

  #error(text: string): void {
    this.#note(this.#errors, text);
  }

  #note(list: string[], text: string): void {
    if (!this.#ended.signal.aborted && list.length < MOST_ERRORS) list.push(text);
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#ended.signal }).catch(() => undefined);
  }
}
