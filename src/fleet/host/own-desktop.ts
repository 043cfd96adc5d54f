import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Desktop, DesktopStatus } from '../store/fleet-state.ts';
import { removeFromStore } from '../store/removed-desktop.ts';
import type { FleetStore } from '../store/store.ts';
import { type DesktopPlaces, placesOf } from './desktop-places.ts';
import {
  type DesktopProcess,
  freeze,
  isAlive,
  isFrozen,
  isReady,
  removeDesktop,
  type StartOptions,
  signalProcess,
  startProcess,
  thaw,
} from './desktop-process.ts';
import { prepareLimits, removeGroups } from './limits.ts';
import { END_LIMIT_MS, nextAction, type ProcessPhase } from './next-action.ts';
import { Restarts } from './restarts.ts';

/** Random bytes of a desktop's key. 256 bits cannot be guessed. */
const KEY_BYTES = 32;

/** Time in ms between two questions whether a desktop is ready. A larger value shows it later. */
const ASK_EACH_MS = 20;

/** Time in ms that a desktop has to be ready. A smaller value gives up on a busy machine. */
const START_LIMIT_MS = 60_000;

/** The same for one that goes on after a pause. */
const RESUME_LIMIT_MS = 10_000;

/**
 * Time in ms from the end of its viewers to the pause, in which the desktop releases the keys that they held. With a
 * smaller value a key may repeat after the pause.
 */
const RELEASE_MS = 100;

/** Time in ms after an action that failed. A smaller value repeats what cannot work more often. */
const AFTER_FAILURE_MS = 5000;

export interface HostOptions extends StartOptions {
  readonly store: FleetStore;
  /** Data folder of the fleet. */
  readonly data: string;
  /**
   * Since when a desktop has had no viewer, as a time of `performance.now()`; 0 if it never had one. Undefined while it
   * has one.
   */
  readonly idleSinceMs: (name: string) => number | undefined;
  readonly log: Logger;
}

/** One desktop of this machine and its process. Carries out one action at a time. */
export class OwnDesktop {
  readonly #name: string;
  readonly #options: HostOptions;
  readonly #places: DesktopPlaces;
  readonly #restarts = new Restarts();
  #process: DesktopProcess | undefined;
  #phase: ProcessPhase = { kind: 'none' };
  /** The status that the process's end leads to. Undefined if nothing has ended it. */
  #afterEnd: Omit<DesktopStatus, 'sinceMs'> | undefined;
  #busy: Promise<void> | undefined;
  #pausedUntilMs = 0;
  /** Since when the desktop is as the store says, or since it was taken over. Its times are of `performance.now()`. */
  #stateSinceMs = performance.now();
  #isLetGo = false;

  constructor(name: string, options: HostOptions) {
    this.#name = name;
    this.#options = options;
    this.#places = placesOf(name, options.data);
  }

  /** Takes over a process of an earlier fleet. `isSame` says whether it has the key that the store has. */
  async adopt(desktop: Desktop, found: DesktopProcess | undefined, isSame: boolean): Promise<void> {
    const { status, wanted, restart } = desktop;
    this.#process = found;
    if (found !== undefined) {
      const isToGoOn = status.state === 'paused' && wanted === 'running';
      this.#phase = { kind: isFrozen(found) || isToGoOn ? 'paused' : 'running' };
      const again = {
        state: 'starting',
        reason: 'It is started again, because its start was broken off.',
      } as const;
      if (!isSame) this.#carryOut(() => this.#endProcess(again));
      else if (status.state === 'starting') this.#carryOut(() => this.#finishStart(desktop));
      return;
    }
    if (wanted === 'gone' || status.state === 'ended' || status.state === 'lost') return;
    if (restart === 'here' || status.state === 'starting')
      await this.#setStatus('starting', 'It is started again, because its process is gone.');
    else await this.#setStatus('lost', 'Its process ended while the fleet did not run.');
  }

  /** Does what is due, unless something is in progress, after which it looks again. */
  look(): void {
    if (this.#busy !== undefined || this.#isLetGo || performance.now() < this.#pausedUntilMs) return;
    const act = this.#action();
    if (act !== undefined) this.#carryOut(act);
  }

  #carryOut(act: () => Promise<void>): void {
    // In a later turn: what it changes in the store makes the host look again, before this line would have ended.
    this.#busy = Promise.resolve()
      .then(act)
      .catch((err) => {
        this.#options.log.error(
          { err, desktop: this.#name },
          'A desktop is not as it should be; trying again',
        );
        this.#pausedUntilMs = performance.now() + AFTER_FAILURE_MS;
      })
      .finally(() => {
        this.#busy = undefined;
        this.look();
      });
  }

  /** Does nothing more. The process runs on. */
  async letGo(): Promise<void> {
    this.#isLetGo = true;
    await this.#busy;
  }

  get #desktop(): Desktop | undefined {
    return this.#options.store.state.desktop.get(this.#name);
  }

  #action(): (() => Promise<void>) | undefined {
    const desktop = this.#desktop;
    if (desktop === undefined) return undefined;
    if (this.#process !== undefined && !isAlive(this.#process)) return () => this.#ended(desktop);
    const viewed = this.#options.idleSinceMs(this.#name);
    const idleSinceMs = viewed === undefined ? undefined : Math.max(viewed, this.#stateSinceMs);
    const facts = { desktop, phase: this.#phase, idleSinceMs, notBeforeMs: this.#restarts.notBeforeMs };
    const ageMs = Date.now() - desktop.createdMs;
    switch (nextAction({ ...facts, ageMs, nowMs: performance.now() })) {
      case 'nothing':
        return undefined;
      case 'start':
        return () => this.#start();
      case 'pause':
        return () => this.#pause();
      case 'resume':
        return () => this.#resume(desktop);
      case 'end':
        return () => this.#endProcess(desktop.status);
      case 'end idle':
        return () =>
          this.#endProcess({ state: 'ended', reason: `It had no viewer for ${desktop.idle_end_s} s.` });
      case 'pause idle':
        return () => this.#change((now) => ({ ...now, wanted: 'paused', isIdle: true }));
      case 'expire':
        return () => this.#change((now) => ({ ...now, wanted: 'gone' }));
      case 'kill':
        return async () => signalProcess(this.#process!, 'SIGKILL');
      case 'remove':
        return () => this.#remove();
    }
  }

  async #start(): Promise<void> {
    const key = randomBytes(KEY_BYTES).toString('base64url');
    const { userId } = this.#places;
    const limits = await prepareLimits(this.#desktop?.limits ?? {}, userId, process.geteuid?.() === 0);
    await this.#change((now) => ({ ...now, epoch: now.epoch + 1, key, limitsEnforced: limits.enforced }));
    const desktop = this.#desktop;
    if (desktop === undefined) return;
    this.#afterEnd = undefined;
    this.#restarts.started(performance.now());
    this.#process = await startProcess(desktop, this.#places, this.#options, limits.words);
    this.#phase = { kind: 'running' };
    await this.#finishStart(desktop);
  }

  /** Waits until the process answers, and tells the store. */
  async #finishStart(desktop: Desktop): Promise<void> {
    const isWanted = (): boolean => this.#desktop?.wanted !== 'gone' && !this.#isLetGo;
    if (await this.#becomesReady(desktop, START_LIMIT_MS, isWanted)) await this.#setStatus('running', '');
    else if (isWanted() && isAlive(this.#process!))
      await this.#endProcess({ state: 'ended', reason: 'It did not start in time.' });
  }

  async #becomesReady(desktop: Desktop, limitMs: number, isWanted: () => boolean): Promise<boolean> {
    const untilMs = performance.now() + limitMs;
    while (isWanted() && isAlive(this.#process!) && performance.now() < untilMs) {
      if (await isReady(desktop, this.#places)) return true;
      await sleep(ASK_EACH_MS);
    }
    return false;
  }

  async #pause(): Promise<void> {
    const reason = this.#desktop?.isIdle ? `It had no viewer for ${this.#desktop.idle_pause_s} s.` : '';
    await this.#setStatus('paused', reason);
    await sleep(RELEASE_MS);
    freeze(this.#process!);
    this.#phase = { kind: 'paused' };
  }

  async #resume(desktop: Desktop): Promise<void> {
    thaw(this.#process!);
    if (!(await this.#becomesReady(desktop, RESUME_LIMIT_MS, () => !this.#isLetGo))) return;
    this.#phase = { kind: 'running' };
    await this.#setStatus('running', '');
  }

  async #endProcess(then: Omit<DesktopStatus, 'sinceMs'>): Promise<void> {
    this.#afterEnd = then;
    if (this.#phase.kind === 'paused') thaw(this.#process!);
    const sinceMs = performance.now();
    this.#phase = { kind: 'ending', sinceMs };
    signalProcess(this.#process!, 'SIGTERM');
    // Its end is no event, because an earlier fleet may have started it. After the limit, a look kills it.
    while (!this.#isLetGo && isAlive(this.#process!) && performance.now() < sinceMs + END_LIMIT_MS)
      await sleep(ASK_EACH_MS);
  }

  /** The process is gone. */
  async #ended({ wanted, restart, status, limitsEnforced = [] }: Desktop): Promise<void> {
    const planned = this.#afterEnd;
    if (limitsEnforced.length > 0) await removeGroups(this.#places.userId);
    this.#process = undefined;
    this.#phase = { kind: 'none' };
    this.#afterEnd = undefined;
    if (wanted === 'gone') return;
    if (planned !== undefined) {
      this.#restarts.forget();
      await this.#setStatus(planned.state, planned.reason);
      return;
    }
    this.#restarts.ended(performance.now());
    const what = status.state === 'starting' ? 'It did not start' : 'It has ended by itself';
    if (restart === 'here') await this.#setStatus('starting', `${what}, and is started again.`);
    else await this.#setStatus('ended', `${what}.`);
  }

  async #remove(): Promise<void> {
    await removeDesktop(this.#places);
    await removeFromStore(this.#options.store, this.#name);
  }

  #setStatus(state: DesktopStatus['state'], reason: string): Promise<void> {
    this.#stateSinceMs = performance.now();
    return this.#change((now) => ({ ...now, status: { state, reason, sinceMs: Date.now() } }));
  }

  async #change(change: (now: Desktop) => Desktop): Promise<void> {
    await this.#options.store.transact(({ desktop }) => {
      const now = desktop.get(this.#name);
      return now === undefined ? [] : [{ kind: 'desktop', name: this.#name, value: change(now) }];
    });
  }
}
