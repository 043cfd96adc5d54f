import { join } from 'node:path';
import type { Logger } from 'pino';
import { openAccounts } from './accounts/file-accounts.ts';
import { FileTokens } from './accounts/file-tokens.ts';
import { ensureOwner, type MadeOwner } from './accounts/first-owner.ts';
import type { UserChanged } from './accounts/user.ts';
import { createApi } from './api/api.ts';
import { AuditCounts } from './audit/audit-counts.ts';
import { openAudit, usersChanged } from './audit/open-audit.ts';
import { folderId } from './common/folder-id.ts';
import { freezeDescendants } from './common/frozen-tree.ts';
import { giveBackMemory } from './common/process-memory.ts';
import { clipboardRules } from './config/clipboard-settings.ts';
import type { Config } from './config/config.ts';
import { ConfigError } from './config/errors.ts';
import { type ListenPlace, speaksPlainHttp } from './config/listen-place.ts';
import { type ProgramEnvironment, readProgramEnvironment } from './config/program-environment.ts';
import type { Desktop } from './desktop/desktop.ts';
import { type DesktopUser, findDesktopUser } from './desktop/x11/server/desktop-user.ts';
import { attachDesktop, startOwnDesktop } from './desktop/x11/x11-desktop.ts';
import { userEvent } from './events/event.ts';
import { EventLog } from './events/event-log.ts';
import { configuredLimits } from './http/connections/connection-limits.ts';
import { readEdgeKey } from './http/login/edge-key.ts';
import { isLeaseOver, leaseFileOf, watchLease } from './http/login/edge-lease.ts';
import { PAGE_FOLDER } from './http/page-folder.ts';
import { createHttpServer } from './http/server.ts';
import { loadCertificate } from './http/tls/certificate.ts';
import { certificateNames } from './http/tls/certificate-names.ts';
import { keepCertificate } from './http/tls/keep-certificate.ts';
import type { Size } from './pixels/rect.ts';
import { RfbPort, type RfbPortOptions } from './rfb/rfb-port.ts';
import { readVncLogin } from './rfb/vnc-login.ts';
import type { VideoSettings } from './session/picture/video-settings.ts';
import { SharedSession } from './session/shared-session.ts';
import { openWebhooks } from './webhooks/webhooks.ts';

/** A running server. */
export interface RunningServer {
  /** Address for browsers, such as `https://127.0.0.1:8443/`. */
  readonly url: string;
  /** All addresses, the first of which is `url`. A Unix socket is `unix:/run/desk.sock`. */
  readonly urls: readonly string[];
  /** Where VNC viewers connect, such as `127.0.0.1:5900`. */
  readonly rfbPlaces: readonly string[];
  /** X display, such as `:1`. */
  readonly display: string;
  readonly size: Size;
  /** The owner that was created because there was none. Has the password if it was generated, to show it once. */
  readonly newOwner: MadeOwner | undefined;
  /** Tells the viewers, then closes everything that was started. May be called in any state, and more than once. */
  close(): Promise<void>;
}

/** Secrets. They are never values of flags. */
export interface Secrets {
  readonly ownerPassword: string | undefined;
}

const MIB = 1024 * 1024;

const FAREWELL = 'The server is shutting down.';

/** Starts a server: creates its parts and connects them. Closes them again if one fails. */
export async function startServer(config: Config, secrets: Secrets, log: Logger): Promise<RunningServer> {
  const started = new AsyncDisposableStack();
  try {
    const edge = readEdgeKey(config.edgeKeyFile);
    if (config.edgeKeyFile !== undefined) started.defer(obeyLease(config.edgeKeyFile));
    const imported: UserChanged[] = [];
    const accounts = await openAccounts({
      folder: config.data,
      kasmPasswordFile: config.kasmpasswd,
      onImported: (changes) => imported.push(...changes),
      onProblem: (err) => log.error({ err }, 'The user file has a problem'),
      onRecovery: () => log.info('The user file can be used again'),
      onWarning: (warning) => log.warn(warning),
    });
    started.defer(() => accounts.close());
    const tokens = new FileTokens({
      folder: config.data,
      accounts,
      onProblem: (err) => log.error({ err }, 'The token file has a problem'),
      onRecovery: () => log.info('The token file can be used again'),
      onWarning: (warning) => log.warn(warning),
    });
    started.defer(() => tokens.close());
    const trail = await openAudit({
      ...config,
      onProblem: (err) => log.error({ err }, 'The audit trail cannot be written'),
    });
    started.defer(() => trail.close());
    const audit = new AuditCounts(trail);
    if (imported.length > 0) audit.record(usersChanged(imported));
    const events = new EventLog();
    started.defer(() => events.close());
    const webhooks = await openWebhooks({ ...config, events, log });
    started.defer(() => webhooks.close());
    const names = certificateNames(config.listen);
    const speaksTls =
      config.rfbPort !== undefined ||
      config.listen.some((place) => !speaksPlainHttp(place, config.insecureHttp));
    const certificate = speaksTls ? await loadCertificate({ ...config, names, log }) : undefined;
    const user = config.display === undefined ? await findDesktopUser(config.desktopUser) : undefined;
    const environment = readProgramEnvironment(config.environmentFile);
    const desktop = await startDesktop(config, user, environment, log);
    started.defer(() => desktop.close());
    const session = new SharedSession({
      desktop,
      maxFps: config.maxFps,
      allowsResize: config.allowResize,
      exclusivity: {
        isExclusive: config.sessionType === 'exclusive',
        newcomerTakesOver: config.exclusiveTakeOver,
      },
      video: videoSettings(config),
      dlp: config.dataLossPrevention,
      clipboard: clipboardRules(config),
      isOwner: (name) => accounts.get(name)?.owner ?? false,
      log,
      audit,
      events,
      onRest: giveBackMemory,
    });
    started.defer(() => session.close(FAREWELL));
    accounts.on('changed', (changes) => {
      session.usersChanged(changes);
      audit.record(usersChanged(changes));
      for (const change of changes) events.publish(userEvent(change));
    });
    const http = await createHttpServer({
      ...config,
      edge,
      certificate,
      accounts,
      tokens,
      session,
      limits: configuredLimits(config),
      ...(config.maxMemory !== undefined && { maxMemoryBytes: config.maxMemory * MIB }),
      pageFolder: PAGE_FOLDER,
      desktopId: await folderId(config.data),
      knownAddressesFile: join(config.data, 'known-addresses.json'),
      // Servers at other ports may share the folder.
      sessionsFile: join(config.data, `sessions-${config.port}.json`),
      api: createApi({
        accounts,
        tokens,
        session,
        events,
        counts: audit,
        webhooks: () => webhooks.states,
        ...(user && { downloadsFolder: join(user.home, 'Downloads') }),
      }),
      log,
      audit,
    });
    started.defer(() => http.close());
    const rfb = await openRfbPort(config, { certificate, accounts, session, doors: http.doors, audit, log });
    if (rfb) started.defer(() => rfb.close());
    if (certificate !== undefined) {
      const renewal = keepCertificate({ ...config, names }, log, certificate, (renewed) => {
        http.useCertificate(renewed);
        rfb?.useCertificate(renewed);
      });
      started.defer(() => renewal.close());
    }
    // Last, so that a password is generated only if the server can show it.
    // The owners of a fleet's desktop are those whom the fleet names.
    const newOwner = edge
      ? undefined
      : await ensureOwner(accounts, { name: config.owner, password: secrets.ownerPassword });
    if (!edge && !newOwner && (config.owner !== undefined || secrets.ownerPassword !== undefined)) {
      log.warn('There is an owner already. --owner and the given password are ignored.');
    }
    const strangers = [...config.dataLossPrevention.byUser.keys()].filter((name) => !accounts.get(name));
    if (strangers.length > 0)
      log.warn({ users: strangers }, 'data_loss_prevention has rules for users who do not exist');
    audit.record({ door: 'server', outcome: 'done', what: 'started' });
    started.defer(() => audit.record({ door: 'server', outcome: 'done', what: 'stopped' }));
    const { url, urls } = http;
    const rfbPlaces = rfb?.places ?? [];
    const { display, size } = desktop;
    return { url, urls, rfbPlaces, display, size, newOwner, close: () => farewell(session, started) };
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

/**
 * Freezes this process and the programs of its desktop whenever the fleet may have started the desktop elsewhere. Its
 * host has them go on. Throws ConfigError if that is so already.
 */
function obeyLease(edgeKeyFile: string): () => void {
  const file = leaseFileOf(edgeKeyFile);
  if (isLeaseOver(file)) throw new ConfigError('CFG_EDGE_KEY', `The lease in ${file} is over.`);
  return watchLease(file, () => {
    freezeDescendants(process.pid);
    process.kill(process.pid, 'SIGSTOP');
  });
}

/** The TCP addresses of these places, each once. */
const hostsOf = (places: readonly ListenPlace[]): string[] => [
  ...new Set(places.flatMap((place) => (place.kind === 'tcp' ? [place.host] : []))),
];

/** Opens the port for viewers without WebSocket, if one is set. Throws ConfigError or HttpStartError. */
async function openRfbPort(
  config: Config,
  parts: Pick<RfbPortOptions, 'certificate' | 'accounts' | 'session' | 'doors' | 'audit' | 'log'>,
): Promise<RfbPort | undefined> {
  const { listen, rfbPort, rfbSocket, tcpCongestion } = config;
  const vnc = readVncLogin(config, parts.log);
  if (rfbPort === undefined && rfbSocket === undefined) return undefined;
  if (vnc && !parts.accounts.get(vnc.user)) {
    parts.log.warn(
      { user: vnc.user },
      'There is no such user yet, so that the VNC password opens no session',
    );
  }
  return RfbPort.open({
    ...parts,
    tcp: rfbPort === undefined ? undefined : { hosts: hostsOf(listen), port: rfbPort },
    socketPath: rfbSocket,
    tcpCongestion,
    vnc,
  });
}

function startDesktop(
  config: Config,
  user: DesktopUser | undefined,
  environment: ProgramEnvironment,
  log: Logger,
): Promise<Desktop> {
  const { display, size, maxSize, run, dpi, gl } = config;
  return display === undefined
    ? startOwnDesktop({ size, maxSize, run, dpi, gl, user, environment, log })
    : attachDesktop({ display, maxSize, dpi, log });
}

function videoSettings(config: Config): VideoSettings {
  return {
    areaPercent: config.videoArea,
    timeMs: config.videoTime * 1000,
    outTimeMs: config.videoOutTime * 1000,
    qualityLevel: config.jpegVideoQuality,
    maxSize: config.maxVideoResolution,
    filter: config.videoScaling,
  };
}

/** Tells the viewers the reason before the HTTP server closes their sockets. */
async function farewell(session: SharedSession, started: AsyncDisposableStack): Promise<void> {
  await session.close(FAREWELL);
  await started.disposeAsync();
}
