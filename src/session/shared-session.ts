import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Caller, passText } from '../accounts/pass.ts';
import type { UserChanged } from '../accounts/user.ts';
import { type Audit, NO_AUDIT } from '../audit/audit.ts';
import { bothRules, type ClipboardRules, OPEN_CLIPBOARD } from '../config/clipboard-rules.ts';
import type { DlpSettings } from '../config/dlp/dlp-settings.ts';
import { NO_DLP } from '../config/dlp/read-dlp.ts';
import type { Desktop } from '../desktop/desktop.ts';
import { EncoderPool, type EncoderPoolSeams } from '../encode/pool.ts';
import { type EventSink, NO_EVENTS } from '../events/event.ts';
import type { Bottleneck } from '../stats/bottleneck.ts';
import { assembleFrameStats, type FrameStats } from '../stats/frame-stats.ts';
import type { Hold } from '../threads/worker-pool.ts';
import { Audience, type AudienceHost, DESKTOP_DOWN } from './audience.ts';
import { createConnectionId } from './connection-id.ts';
import { createControls, type SessionControls } from './controls.ts';
import { OverlayClock } from './dlp/overlay-clock.ts';
import { Overlays, WatermarkError } from './dlp/overlays.ts';
import { createLimitsByUser, type UserLimits } from './dlp/user-limits.ts';
import { SessionError } from './errors.ts';
import { admit, type Exclusivity, SHARED, TAKEN_OVER, TRY_LATER } from './exclusivity.ts';
import { LOGGED_OUT, LOGIN_ENDED, PASSWORD_CHANGED, USER_REMOVED } from './farewells.ts';
import { createEncoderBudgets, type EncoderBudgets } from './frame/encoder-budget.ts';
import { FrameLoop } from './frame/frame-loop.ts';
import { clientTimings, FrameMeasurement, type MeasuredFrame } from './measure/frame-measurement.ts';
import type { VideoSettings } from './picture/video-settings.ts';
import { Readiness } from './readiness.ts';
import { Rest } from './rest.ts';
import { Screenshots } from './screenshots.ts';
import type {
  ClientChoice,
  Connection,
  Screenshot,
  ScreenshotRequest,
  Session,
  SessionMetrics,
  ViewerDoor,
} from './session.ts';
import { createSessionEvents, type SessionEvents } from './session-events.ts';
import { createSessionMetrics } from './session-metrics.ts';
import type { ViewerTransport } from './viewer/transport.ts';
import { Viewer } from './viewer/viewer.ts';
import { ViewerAudit } from './viewer/viewer-audit.ts';

export interface SharedSessionOptions {
  readonly desktop: Desktop;
  readonly maxFps: number;
  /** Whether viewers who may write can resize the desktop. By default they can. */
  readonly allowsResize?: boolean;
  /** Who may be connected at the same time. By default any number of viewers. */
  readonly exclusivity?: Exclusivity;
  /** Video mode of viewers that do not set it themselves. */
  readonly video: VideoSettings;
  /** What users may take out of the desktop and bring into it. By default everything. */
  readonly dlp?: DlpSettings;
  /** What passes between the clipboards of all users. By default everything. */
  readonly clipboard?: ClipboardRules;
  /** Whether the user of that name is an owner. */
  readonly isOwner: (user: string) => boolean;
  readonly log: Logger;
  /** Records what viewers do. By default nothing is recorded. */
  readonly audit?: Audit;
  /** Takes what happens. By default nobody is told. */
  readonly events?: EventSink;
  /** Called when the session has had no viewer and no call for a while, each time once. */
  readonly onRest?: () => void;
  /** Replacements for the encoder threads in tests. */
  readonly encoders?: EncoderPoolSeams;
}

/** One desktop and its viewers. Owns the encoder threads; the desktop belongs to the caller. */
export class SharedSession implements Session {
  readonly #options: SharedSessionOptions;
  readonly #pool: EncoderPool;
  readonly #audience: Audience;
  readonly #loop: FrameLoop;
  readonly #screenshots: Screenshots;
  readonly #measurement: FrameMeasurement;
  /** Of the encoder threads, while there are viewers. */
  #hold: Pick<Hold, 'release'> | undefined;
  readonly #rest: Rest;
  readonly #readiness: Readiness;
  readonly #overlays: Overlays;
  readonly #limitsOf: (user: string) => UserLimits;
  readonly #encoderBudgets: EncoderBudgets;
  readonly #overlayClock: OverlayClock;
  readonly #events: SessionEvents;
  readonly #metrics: ReturnType<typeof createSessionMetrics>;
  readonly #exclusivity: Exclusivity;
  readonly controls: SessionControls;
  /** Whether the picture is being brought up to date for a viewer that is expected. */
  #isLookingAhead = false;
  #isClosed = false;

  constructor(options: SharedSessionOptions) {
    const { desktop, maxFps, log } = options;
    this.#options = options;
    this.#exclusivity = options.exclusivity ?? SHARED;
    this.#overlays = createOverlays(options.dlp ?? NO_DLP);
    const forAll = options.clipboard ?? OPEN_CLIPBOARD;
    this.#limitsOf = createLimitsByUser(
      (user) => {
        const rules = this.#overlays.rulesOf(user);
        return { ...rules, clipboard: bothRules(forAll, rules.clipboard) };
      },
      () => performance.now(),
    );
    this.#overlayClock = new OverlayClock(this.#overlays.periodMs, () => this.#markAgain());
    this.#pool = new EncoderPool(desktop.frame, undefined, options.encoders);
    this.#metrics = createSessionMetrics({
      desktop,
      pool: this.#pool,
      viewers: () => this.#audience.viewers.filter(({ hasArrived }) => hasArrived),
    });
    this.#encoderBudgets = createEncoderBudgets({
      threads: this.#pool.threads,
      nowMs: () => performance.now(),
      wake: () => this.#loop.wake(),
    });
    this.#events = createSessionEvents({
      events: options.events ?? NO_EVENTS,
      desktop,
      viewers: () => this.#audience.viewers.filter(({ hasArrived }) => hasArrived),
      hasDamage: () => this.#loop.hasDamage,
      // A desktop that is lost now is damaged when it is back.
      look: () => void this.#loop.readFresh(async () => undefined).catch(() => undefined),
    });
    const host: AudienceHost = {
      intervalMs: 1000 / maxFps,
      events: this.#events,
      hasDamage: () => this.#loop.hasDamage,
      wake: () => this.#loop.wake(),
      captureAnyway: () => this.#loop.captureAnyway(),
      shownChanged: () => this.#screenshots.shownChanged(),
      viewersChanged: (count) => this.#viewersChanged(count),
    };
    this.#audience = new Audience(desktop, host, log);
    this.controls = createControls({
      ...{ desktop, audience: this.#audience, limitsOf: this.#limitsOf, log },
      audit: options.audit ?? NO_AUDIT,
    });
    this.#loop = new FrameLoop({
      desktop,
      pool: this.#pool,
      consumers: this.#audience,
      maxFps,
      log,
      counters: this.#metrics.frames,
    });
    this.#screenshots = new Screenshots(desktop, this.#loop, this.#pool, this.#overlays);
    this.#readiness = new Readiness(desktop);
    this.#measurement = new FrameMeasurement(this.#audience, this.#loop, this.#pool, desktop);
    this.#rest = new Rest(() => {
      this.#screenshots.forget();
      this.#pool.giveBackMemory();
      options.onRest?.();
    });
  }

  attach(transport: ViewerTransport, user: Caller, ip: string, door: ViewerDoor = 'websocket'): void {
    if (this.#isClosed) {
      transport.close('The server is shutting down.');
      return;
    }
    const { desktop, video, log, audit = NO_AUDIT, allowsResize = true } = this.#options;
    if (!desktop.revive()) {
      transport.close(DESKTOP_DOWN);
      return;
    }
    const admission = admit(this.#exclusivity, user.name, this.#audience.viewers);
    if (admission.kind === 'refused') {
      transport.close(new SessionError('SESSION_EXCLUSIVE', TRY_LATER).message);
      return;
    }
    for (const viewer of admission.ends) viewer.close(TAKEN_OVER, { isFinal: true });
    const id = createConnectionId(ip, door);
    const identity = {
      id,
      user: user.name,
      pass: user.pass,
      rights: user,
      mayResize: allowsResize,
      connectedSince: new Date(),
      limitMs: this.#loop.intervalMs,
      video,
      audit: new ViewerAudit(audit, door, {
        user: user.name,
        pass: passText(user.pass),
        address: ip,
        connection: id,
      }),
      limits: this.#limitsOf(user.name),
      encoder: this.#encoderBudgets.of(user.name),
      counters: this.#metrics.frames,
      isSecured: door === 'rfb',
      address: ip,
      overlay: this.#overlays.of({ user: user.name, address: ip }, new Date()),
    };
    this.#audience.add(new Viewer(identity, desktop, transport, this.#audience, log));
  }

  expectViewer(): void {
    // With a viewer, the threads run, and the picture is as new as viewers need it.
    if (this.#isClosed || this.#hold || this.#isLookingAhead || !this.#options.desktop.revive()) return;
    this.#rest.used();
    this.#pool.warmUp();
    this.#isLookingAhead = true;
    const over = (): void => {
      this.#isLookingAhead = false;
    };
    // A desktop that does not answer, or is lost now, is captured when the viewer is there.
    void this.#loop.readFresh(async () => undefined).then(over, over);
  }

  refusal(user: string): SessionError | undefined {
    const { kind } = admit(this.#exclusivity, user, this.#audience.viewers);
    return kind === 'refused' ? new SessionError('SESSION_EXCLUSIVE', TRY_LATER) : undefined;
  }

  /** Applies changed rights and passwords to the connections of those users, and to their tokens and tickets. */
  usersChanged(changes: readonly UserChanged[]): void {
    const byPassword = this.#audience.viewers.filter(
      ({ pass }) => pass === undefined || pass.kind === 'session',
    );
    for (const { name, user, passwordChanged } of changes) {
      for (const viewer of byPassword.filter((candidate) => candidate.user === name)) {
        if (!user) viewer.close(USER_REMOVED, { isFinal: true });
        else if (passwordChanged) viewer.close(PASSWORD_CHANGED, { isFinal: true });
        else viewer.setRights(user);
      }
    }
    this.passesChanged();
  }

  passesChanged(): void {
    for (const viewer of this.#audience.viewers.filter(({ pass }) => pass !== undefined)) {
      const user = viewer.pass?.user();
      const kind = viewer.pass?.kind;
      if (user) viewer.setRights(user);
      // A page of a fleet connects again: the edge knows which rights its user has left.
      else viewer.close(kind === 'session' ? LOGGED_OUT : LOGIN_ENDED, { isFinal: kind !== 'edge' });
    }
  }

  connections(): Connection[] {
    return this.#audience.viewers.map(({ id, user, connectedSince }) => ({ id, user, connectedSince }));
  }

  bottleneckStats(): Record<string, Record<string, Bottleneck>> {
    const now = performance.now();
    const users = new Map<string, [string, Bottleneck][]>();
    for (const viewer of this.#audience.viewers) {
      const connections = users.get(viewer.user) ?? [];
      connections.push([viewer.id, viewer.bottleneck(now)]);
      users.set(viewer.user, connections);
    }
    // Object.fromEntries defines properties, so that a user named __proto__ is one like any other.
    return Object.fromEntries([...users].map(([user, list]) => [user, Object.fromEntries(list)]));
  }

  metrics(): SessionMetrics {
    return this.#metrics.read();
  }

  async frameStats(client: ClientChoice): Promise<FrameStats> {
    const chosen = this.#choose(client);
    return this.#use(async () => this.#statsOf(await this.#measurement.measure(), chosen));
  }

  async nextFrameStats(client: ClientChoice, limitMs: number): Promise<FrameStats | undefined> {
    const chosen = this.#choose(client);
    return this.#use(async () => {
      const frame = await this.#measurement.next(limitMs);
      return frame && this.#statsOf(frame, chosen);
    });
  }

  async #statsOf(frame: MeasuredFrame, chosen: readonly Viewer[]): Promise<FrameStats> {
    const clients = await clientTimings(frame, chosen);
    const starts = chosen.map(({ start }) => start);
    return assembleFrameStats(frame.timing, clients, starts);
  }

  screenshot(request: ScreenshotRequest): Promise<Screenshot> {
    return this.#use(() => this.#screenshots.take(request));
  }

  async sendFullFrame(): Promise<void> {
    this.#audience.lackAll();
    this.#loop.wake();
  }

  async clearClipboard(): Promise<void> {
    this.#options.desktop.revive();
    await this.#audience.clearClipboard();
  }

  /** Whether no frame is being made or sent, and none is about to be. */
  get isIdle(): boolean {
    return this.#loop.isIdle;
  }

  isReady(): Promise<boolean> {
    return this.#isClosed ? Promise.resolve(false) : this.#readiness.check();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  async close(reason: string): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#loop.close();
    this.#overlayClock.run(false);
    this.#events.close();
    this.#encoderBudgets.close();
    this.#audience.close(reason);
    this.#rest.close();
    await this.#pool.close();
  }

  /** Carries out a call. The session is at rest some time after its end. */
  async #use<T>(call: () => Promise<T>): Promise<T> {
    this.#rest.used();
    this.#options.desktop.revive();
    try {
      return await call();
    } finally {
      if (!this.#isClosed) this.#rest.used();
    }
  }

  /** Shows the viewers the time in their watermarks. */
  async #markAgain(): Promise<void> {
    const now = new Date();
    for (const viewer of this.#audience.viewers) {
      viewer.setMark(this.#overlays.of(viewer, now));
      // Drawing a text takes some milliseconds, and each user may have another one.
      await nextTurn();
    }
  }

  #viewersChanged(count: number): void {
    this.#rest.watched(count > 0);
    this.#overlayClock.run(count > 0);
    if (count > 0) {
      this.#hold ??= this.#pool.holdForViewers();
      return;
    }
    this.#hold?.release();
    this.#hold = undefined;
  }

  /** The viewers whose client side a caller asks for. Throws SessionError SESSION_NO_SUCH_CLIENT. */
  #choose(client: ClientChoice): Viewer[] {
    const { viewers } = this.#audience;
    switch (client.kind) {
      case 'none':
        return [];
      case 'all':
        return [...viewers];
      case 'auto': {
        const first =
          viewers.find((viewer) => viewer.user === client.owner) ??
          viewers.find(({ user, pass }) =>
            pass?.kind === 'edge' ? pass.user()?.owner : this.#options.isOwner(user),
          );
        return first ? [first] : [];
      }
      case 'one': {
        const one = viewers.find((viewer) => viewer.id === client.id);
        if (!one) throw new SessionError('SESSION_NO_SUCH_CLIENT', client.id);
        return [one];
      }
    }
  }
}

/** Throws SessionError SESSION_WATERMARK_IMAGE if the image of a watermark cannot be used. */
function createOverlays(settings: DlpSettings): Overlays {
  try {
    return new Overlays(settings);
  } catch (cause) {
    if (!(cause instanceof WatermarkError)) throw cause;
    throw new SessionError('SESSION_WATERMARK_IMAGE', cause.message, { cause });
  }
}
