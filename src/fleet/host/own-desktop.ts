import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeLease } from '../../http/login/edge-lease.ts';
import type { Desktop, DesktopStatus } from '../store/fleet-state.ts';
import { uptimeMs } from '../store/heart.ts';
import { removeFromStore } from '../store/removed-desktop.ts';
import { type DesktopPlaces, placesOf } from './desktop-places.ts';
import { freePort } from './desktop-ports.ts';
import {
  type DesktopProcess,
  freeze,
  isAlive,
  isFrozen,
  isReady,
  killDesktop,
  removeDesktop,
  signalProcess,
  startProcess,
  thaw,
} from './desktop-process.ts';
import type { HostOptions } from './host-options.ts';
import { prepareLimits, removeGroups } from './limits.ts';
import { END_LIMIT_MS, nextAction, type ProcessPhase } from './next-action.ts';
import { Restarts } from './restarts.ts';
import { endEveryone } from './tell-desktop.ts';

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

/**
 * Time in ms that a desktop has to end with its host. A larger value is more than what most platforms give the host.
 */
const FINISH_LIMIT_MS = 1000;

/** Time in ms after an action that failed. A smaller value repeats what cannot work more often. */
const AFTER_FAILURE_MS = 5000;

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
    const { status, wanted } = desktop;
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
    if (wanted === 'gone' || status.state === 'ended' || (status.state === 'lost' && !status.was)) return;
    await this.#isGone(desktop, 'Its process ended while the fleet did not run.');
  }

  /** Ends a process that this host does not own any more, as it is. Its files stay until the desktop is removed. */
  abandon(found = this.#process): void {
    this.#process = undefined;
    this.#phase = { kind: 'none' };
    if (found !== undefined) killDesktop(found);
  }

  /** The desktop was removed by another process: nothing of it stays here. */
  async forget(): Promise<void> {
    await this.letGo();
    this.abandon();
    if (existsSync(this.#places.folder)) await removeDesktop(this.#places);
  }

  /** The host owns its desktops for longer. */
  renewLease(): void {
    if (this.#process === undefined || this.#desktop?.isLeased !== true) return;
    try {
      writeLease(this.#places.leaseFile, this.#options.ownsUntilMs());
    } catch (err) {
      this.#options.log.error({ err, desktop: this.#name }, 'The lease of a desktop cannot be renewed');
    }
  }

  /** Does what is due, unless something is in progress, after which it looks again. */
  look(): void {
    if (this.#busy !== undefined || this.#isLetGo || performance.now() < this.#pausedUntilMs) return;
    const act = this.#isOwn ? this.#action() : undefined;
    if (!this.#isOwn) this.abandon();
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

  /** Ends the process, and does nothing more. */
  async finish(reason: string): Promise<void> {
    await this.letGo();
    // First: there may be no time for it afterwards.
    await this.#setStatus('ended', reason);
    const process_ = this.#process;
    if (process_ === undefined) return;
    thaw(process_);
    signalProcess(process_, 'SIGTERM');
    const untilMs = performance.now() + FINISH_LIMIT_MS;
    while (isAlive(process_) && performance.now() < untilMs) await sleep(ASK_EACH_MS);
    this.abandon();
  }

  get #desktop(): Desktop | undefined {
    return this.#options.store.state.desktop.get(this.#name);
  }

  get #isOwn(): boolean {
    return this.#desktop?.host === this.#options.name;
  }

  get #isInLease(): boolean {
    return uptimeMs() < this.#options.ownsUntilMs();
  }

  #action(): (() => Promise<void>) | undefined {
    const desktop = this.#desktop;
    if (desktop === undefined) return undefined;
    if (this.#process !== undefined && !isAlive(this.#process)) return () => this.#ended(desktop);
    const ofLease = this.#actionOfLease(desktop);
    if (ofLease !== undefined) return ofLease;
    const viewed = this.#options.idleSinceMs(this.#name);
    const idleSinceMs = viewed === undefined ? undefined : Math.max(viewed, this.#stateSinceMs);
    const facts = { desktop, phase: this.#phase, idleSinceMs, notBeforeMs: this.#restarts.notBeforeMs };
    const ageMs = Date.now() - desktop.createdMs;
    switch (nextAction({ ...facts, ageMs, nowMs: performance.now() })) {
      case 'nothing':
        return undefined;
      case 'start':
        // Only a start needs the lease: a process that runs has it in a file.
        return this.#isInLease ? () => this.#start() : undefined;
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
        return async () => void (await this.#change((now) => ({ ...now, wanted: 'paused', isIdle: true })));
      case 'expire':
        return async () => void (await this.#change((now) => ({ ...now, wanted: 'gone' })));
      case 'kill':
        return async () => signalProcess(this.#process!, 'SIGKILL');
      case 'remove':
        return () => this.#remove();
    }
  }

  /** What is due because the host has owned the desktop all the time, or not. */
  #actionOfLease(desktop: Desktop): (() => Promise<void>) | undefined {
    const { wanted, restart, isLeased = false, status } = desktop;
    if (wanted === 'gone' || !this.#isInLease) return undefined;
    if (status.was !== undefined) return () => this.#recover(desktop);
    if (this.#process === undefined || this.#phase.kind === 'ending') return undefined;
    if ((restart === 'elsewhere') !== isLeased) return () => this.#lease(desktop);
    const hasFrozen = isLeased && this.#phase.kind === 'running' && isFrozen(this.#process);
    return hasFrozen ? () => this.#resume(desktop) : undefined;
  }

  async #start(): Promise<void> {
    const { reach, store, name: host } = this.#options;
    const others = [...store.state.desktop.values()].filter(
      (one) => one.host === host && one.name !== this.#name,
    );
    const port = reach && (await freePort(reach, new Set(others.map((one) => one.port))));
    if (reach !== undefined && port === undefined) {
      await this.#setStatus('ended', 'Its host has no free port for it.');
      return;
    }
    const key = randomBytes(KEY_BYTES).toString('base64url');
    const { userId } = this.#places;
    const limits = await prepareLimits(this.#desktop?.limits ?? {}, userId, process.geteuid?.() === 0);
    const desktop = await this.#change(({ port: _port, isLeased: _isLeased, ...now }) => ({
      ...now,
      ...{ epoch: now.epoch + 1, key, limitsEnforced: limits.enforced },
      ...(port !== undefined && { port }),
      ...(now.restart === 'elsewhere' && { isLeased: true }),
    }));
    if (desktop === undefined) return;
    this.#afterEnd = undefined;
    this.#restarts.started(performance.now());
    await mkdir(this.#places.folder, { recursive: true, mode: 0o700 });
    writeLease(this.#places.leaseFile, desktop.isLeased ? this.#options.ownsUntilMs() : undefined);
    this.#process = await startProcess(desktop, this.#places, this.#options, limits.words);
    this.#phase = { kind: 'running' };
    await this.#finishStart(desktop);
  }

  /** Waits until the process answers, and tells the store. */
  async #finishStart(desktop: Desktop): Promise<void> {
    const isWanted = (): boolean => this.#isOwn && this.#desktop?.wanted !== 'gone' && !this.#isLetGo;
    if (await this.#becomesReady(desktop, START_LIMIT_MS, isWanted))
      await this.#setStatus('running', '', desktop.epoch);
    else if (isWanted() && isAlive(this.#process!))
      await this.#endProcess({ state: 'ended', reason: 'It did not start in time.' });
  }

  /** Puts the process under the lease of its host, or takes it out, as the desktop may start elsewhere or not. */
  async #lease({ restart }: Desktop): Promise<void> {
    const { leaseFile } = this.#places;
    // The process obeys from before the store says so until after it does.
    if (restart === 'elsewhere') writeLease(leaseFile, this.#options.ownsUntilMs());
    const after = await this.#change(({ isLeased: _isLeased, ...now }) =>
      now.restart === 'elsewhere' ? { ...now, isLeased: true } : now,
    );
    if (after !== undefined && after.isLeased !== true) writeLease(leaseFile, undefined);
  }

  /** The host was silent for a while, and so the desktop counts as lost. */
  async #recover(desktop: Desktop): Promise<void> {
    const { was } = desktop.status;
    if (this.#process === undefined)
      await this.#isGone(desktop, 'Its process ended while its host was lost.');
    else if (was === 'starting') await this.#finishStart(desktop);
    else if (was === 'paused') await this.#setStatus('paused', '');
    else await this.#resume(desktop);
  }

  /** There is no process, though nobody has ended it. */
  async #isGone({ restart, status }: Desktop, reason: string): Promise<void> {
    const isToStart = status.state === 'starting' || status.was === 'starting';
    if ((restart ?? 'never') !== 'never' || isToStart)
      await this.#setStatus('starting', 'It is started again, because its process is gone.');
    else await this.#setStatus('lost', reason);
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
    // One that hangs shows nothing either, and is told before it goes on.
    await this.#endViewers().catch(() => {});
    await sleep(RELEASE_MS);
    freeze(this.#process!);
    this.#phase = { kind: 'paused' };
  }

  async #resume(desktop: Desktop): Promise<void> {
    this.renewLease();
    const wasFrozen = isFrozen(this.#process!);
    thaw(this.#process!);
    if (!(await this.#becomesReady(desktop, RESUME_LIMIT_MS, () => !this.#isLetGo))) return;
    // While it stood still, it could not be told whose rights have changed. One that ran on has been told.
    if (wasFrozen) await this.#endViewers();
    this.#phase = { kind: 'running' };
    await this.#setStatus('running', '');
  }

  async #endViewers(): Promise<void> {
    await endEveryone(this.#desktop, this.#places.socket, this.#options.store.state.version);
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
    if ((restart ?? 'never') !== 'never') await this.#setStatus('starting', `${what}, and is started again.`);
    else await this.#setStatus('ended', `${what}.`);
  }

  async #remove(): Promise<void> {
    await removeDesktop(this.#places);
    await removeFromStore(this.#options.store, this.#name);
  }

  async #setStatus(state: DesktopStatus['state'], reason: string, epoch?: number): Promise<void> {
    this.#stateSinceMs = performance.now();
    await this.#change((now) =>
      epoch === undefined || now.epoch === epoch
        ? { ...now, status: { state, reason, sinceMs: Date.now() } }
        : now,
    );
  }

  /** Changes the desktop in the store. Resolves with it, or with undefined if this host does not own it any more. */
  async #change(change: (now: Desktop) => Desktop): Promise<Desktop | undefined> {
    let changed: Desktop | undefined;
    await this.#options.store.transact(({ desktop: desktops }) => {
      const now = desktops.get(this.#name);
      changed = now?.host === this.#options.name ? change(now) : undefined;
      return changed === undefined || changed === now
        ? []
        : [{ kind: 'desktop', name: this.#name, value: changed }];
    });
    return changed;
  }
}
