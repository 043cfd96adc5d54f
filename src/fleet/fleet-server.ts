import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Accounts } from '../accounts/accounts.ts';
import type { Audit } from '../audit/audit.ts';
import type { Config } from '../config/config.ts';
import { decorateRequests } from '../http/api-scope.ts';
import { CONNECTION_LIMITS, configuredLimits } from '../http/connections/connection-limits.ts';
import { MemoryShortage } from '../http/connections/memory-shortage.ts';
import { Front } from '../http/front.ts';
import { serveHealth } from '../http/health.ts';
import { innerUrl } from '../http/inner-url.ts';
import { asksForBasic } from '../http/login/challenge.ts';
import { Login } from '../http/login/login.ts';
import { loginFiles } from '../http/login/login-files.ts';
import { Origins } from '../http/origin/origins.ts';
import { Peers } from '../http/origin/peers.ts';
import { isNavigation, logInByBasic, renewCookie } from '../http/page.ts';
import { type PageFile, readPageFiles, sendFile } from '../http/page-files.ts';
import { PAGE_FOLDER } from '../http/page-folder.ts';
import { servePageSessions } from '../http/page-session.ts';
import { RequestAudit } from '../http/request-audit.ts';
import type { Certificate } from '../http/tls/certificate.ts';
import { serveFleetApi } from './api/fleet-api.ts';
import { askDesktop } from './edge/ask-desktop.ts';
import { isViewerUrl } from './edge/desktop-url.ts';
import { Edge } from './edge/edge.ts';
import { Glances } from './edge/glances.ts';
import type { Passage, Passages } from './edge/passages.ts';
import type { DesktopPlace } from './edge/reach-desktop.ts';
import type { Staleness } from './edge/staleness.ts';
import type { AddressedEvent } from './events/fleet-event.ts';
import { FleetEvents } from './events/fleet-events.ts';
import { openFleetLogins } from './logins/fleet-logins.ts';
import type { Desktop } from './store/fleet-state.ts';
import type { Heart } from './store/heart.ts';
import type { FleetStore } from './store/store.ts';

const MIB = 1024 * 1024;

/** Tells the page of a desktop where its fleet is, from its own folder `/d/NAME/`. */
const FLEET_HEAD = '<meta name="deskwire-fleet" content="../../" />';

export interface FleetServerOptions {
  readonly config: Config;
  readonly store: FleetStore;
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly certificate: Certificate | undefined;
  readonly passages: Passages;
  readonly heart: Pick<Heart, 'nodes' | 'viewersElsewhere' | 'beatNow'>;
  /** Where the server of a desktop listens. Undefined if this edge cannot reach it. */
  readonly placeOf: (desktop: Desktop) => DesktopPlace | undefined;
  readonly staleness: Staleness;
  /** The last lines of a desktop's log. */
  readonly logOf: (desktop: Desktop, lines: number) => Promise<string>;
  readonly log: Logger;
}

/** The port of a fleet. */
export interface FleetServer {
  readonly urls: readonly string[];
  readonly useCertificate: (certificate: Certificate) => void;
  close(): Promise<void>;
}

/** Opens the port of a fleet: its API, its logins, and all desktops. Throws HttpStartError. */
export async function openFleetServer(options: FleetServerOptions): Promise<FleetServer> {
  const { config, store, accounts, audit, passages, heart, log } = options;
  const { basePath, data } = config;
  const peers = new Peers(config.trustProxy);
  const origins = new Origins(peers, config.allowOrigin);
  const onProblem = (err: unknown): void => log.error({ err }, 'The key of logins cannot be renewed');
  const logins = await openFleetLogins({ store, accounts, onProblem });
  const login = new Login(accounts, peers, {
    ...loginFiles({
      knownAddressesFile: join(data, 'fleet-known-addresses.json'),
      log,
    }),
    kept: logins.kept,
    tokens: logins.tokens,
    userHeader: config.trustUserHeader,
    requireFresh: () => options.staleness.requireFresh(),
  });
  const limits = { ...CONNECTION_LIMITS, ...configuredLimits(config) };
  const maxBytes = config.maxMemory === undefined ? undefined : config.maxMemory * MIB;
  const memory = new MemoryShortage({ log, maxBytes });
  const requests = new RequestAudit({ audit, accounts, peers, log });
  const glances = new Glances(options.placeOf, () => store.state.version);
  const edge = new Edge({
    ...{ store, accounts, login, logins, origins, peers, limits, requests, passages },
    ...{ placeOf: options.placeOf, staleness: options.staleness },
    page: await pageFiles(origins, FLEET_HEAD, log),
    wake: (name) => void wake(store, name).catch((err) => log.error({ err }, 'A desktop cannot be resumed')),
  });
  const front = new Front({
    ...config,
    ...{ certificate: options.certificate, peers, limits, memory, requests, log },
    inner: (url) => innerUrl(url, basePath),
    wantsUpgrade: isViewerUrl,
    upgrade: (request, socket, head) => void edge.upgrade(request, socket, head),
  });
  const events = new FleetEvents(store);
  const review = (): void => events.review();
  const viewer = (type: 'viewer_joined' | 'viewer_left') => (passage: Passage) =>
    events.publish(viewerEvent(store, type, passage));
  const [joined, left] = [viewer('viewer_joined'), viewer('viewer_left')];
  passages.on('joined', joined).on('left', left);
  logins.tokens.on('ended', review);
  const letGo = async (): Promise<void> => {
    edge.close();
    glances.close();
    events.close();
    passages.off('joined', joined).off('left', left);
    logins.tokens.off('ended', review);
    memory.close();
    await login.close();
    logins.close();
  };
  try {
    decorateRequests(front.app, peers, basePath);
    // A stream has no end of its own, for which the server would wait.
    front.app.addHook('preClose', async () => events.close());
    await serveFleetApi(front.app, {
      ...{ store, accounts, login, logins, origins, peers, events, glances, logOf: options.logOf },
      ...{ nodes: () => heart.nodes, hear: () => heart.beatNow() },
      viewersOf: (name) => passages.viewersOf(name) + (heart.viewersElsewhere.get(name) ?? 0),
      askDesktop: (desktop, call, signal) =>
        askDesktop(options.placeOf(desktop), desktop, { ...call, version: store.state.version }, signal),
    });
    servePageSessions(front.app, { login, origins });
    serveHealth(front.app, { isEnding: () => front.isClosing, isReady: async () => true });
    edge.serve(front.app, front.guard);
    serveList(front.app, await pageFiles(origins, '', log), { login, origins });
    await front.open();
  } catch (error) {
    await letGo();
    await front.discard();
    throw error;
  }
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await front.close(async () => edge.close());
    await letGo();
  };
  return {
    urls: front.urls,
    useCertificate: (certificate) => front.useCertificate(certificate),
    close: () => (closing ??= close()),
  };
}

/** Serves the page that lists the desktops at `/`, and the files that it loads. */
function serveList(
  app: FastifyInstance,
  files: ReadonlyMap<string, PageFile>,
  options: Parameters<typeof renewCookie>[2],
): void {
  const list = files.get('/fleet.html');
  if (list === undefined) return;
  const ofDesktops = files.get('/index.html');
  const own = [...files].filter(([, file]) => file !== ofDesktops);
  for (const [path, file] of [['/', list] as const, ...own]) {
    app.route({
      method: ['GET', 'HEAD'],
      url: path,
      handler: async (request, reply) => {
        if (asksForBasic(request.raw)) await logInByBasic(request, reply, options);
        else if (isNavigation(request.raw)) renewCookie(request, reply, options);
        return sendFile(request, reply, file);
      },
    });
  }
}

/** The files of the pages. Without them the fleet still has the API. A checkout that was never built has none. */
async function pageFiles(
  origins: Origins,
  head: string,
  log: Logger,
): Promise<ReadonlyMap<string, PageFile>> {
  try {
    return await readPageFiles(PAGE_FOLDER, { frameOrigins: origins.list, head });
  } catch (err) {
    log.warn({ err }, 'There is no page to serve');
    return new Map();
  }
}

/** The owners of a desktop may know who views it. */
function viewerEvent(
  { state }: FleetStore,
  type: 'viewer_joined' | 'viewer_left',
  { desktop: name, user }: Passage,
): AddressedEvent {
  const event = { type, desktop: name, user: user?.name ?? null };
  return { event, audience: { desktop: state.desktop.get(name) ?? { name }, needs: 'owner' } };
}

/** Has a desktop go on that was paused because it had no viewer. */
async function wake(store: FleetStore, name: string): Promise<void> {
  await store.transact(({ desktop }) => {
    const now = desktop.get(name);
    const isAsleep = now?.wanted === 'paused' && now.isIdle === true;
    return isAsleep ? [{ kind: 'desktop', name, value: { ...now, wanted: 'running', isIdle: false } }] : [];
  });
}
