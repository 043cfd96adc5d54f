import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Logger } from 'pino';
import type { Accounts } from '../accounts/accounts.ts';
import type { User } from '../accounts/user.ts';
import type { Audit } from '../audit/audit.ts';
import { addressBlock } from '../common/address-block.ts';
import { RefusalLog } from '../http/connections/refusal-log.ts';
import { listenOnUnixSocket } from '../http/entrance/unix-socket.ts';
import { markUnixSocket } from '../http/origin/unix-sockets.ts';
import { HttpStartError, httpProblem, Problem } from '../http/problems/errors.ts';
import type { SharedDoors } from '../http/server.ts';
import type { Certificate } from '../http/tls/certificate.ts';
import { tlsProfile } from '../http/tls/tls-profile.ts';
import { setCongestionControl } from '../http/websocket/tcp-congestion.ts';
import { RfbError } from '../protocol/errors.ts';
import type { Session } from '../session/session.ts';
import { RFB_PORT_ERRORS, type RfbPortErrorCode } from './errors.ts';
import { Newcomers } from './newcomers.ts';
import { StreamTransport } from './stream-transport.ts';
import { logIn, NoCommonSecurity, refusalText, ViewerLost } from './viewer-login.ts';
import type { VncLogin } from './vnc-login.ts';

/**
 * Time in which a viewer has to log in, in milliseconds. Viewers connect first, and then ask whether the certificate is
 * right, and for the name and the password. A smaller value cuts off people who look them up; a larger one keeps
 * connections of peers that never log in.
 */
const LOGIN_MS = 120_000;
/** Time in milliseconds for a refused viewer to read why. Then its connection is cut off. */
const REFUSAL_MS = 1000;
/** Silence in milliseconds after which TCP asks whether the peer is still there. */
const KEEP_ALIVE_MS = 10_000;

export interface RfbPortOptions {
  /** Addresses or host names to listen on, and the port; 0 takes any free one. Undefined: none. */
  readonly tcp: { readonly hosts: readonly string[]; readonly port: number } | undefined;
  /** Path of a Unix socket to listen on. Undefined: none. */
  readonly socketPath: string | undefined;
  /** Needed to listen on TCP. */
  readonly certificate: Certificate | undefined;
  /** Password of VNC authentication, and the user as whom it lets in. Undefined: it is not offered. */
  readonly vnc: VncLogin | undefined;
  readonly doors: SharedDoors;
  readonly accounts: Pick<Accounts, 'get'>;
  readonly session: Session;
  /** TCP congestion control of viewers' connections. Undefined: that of the system. */
  readonly tcpCongestion?: string | undefined;
  readonly audit: Audit;
  readonly log: Logger;
  /** By default LOGIN_MS. */
  readonly loginMs?: number;
}

/** Where viewers without WebSocket connect. */
export class RfbPort {
  readonly #options: RfbPortOptions;
  readonly #servers = new Map<Server, string>();
  readonly #newcomers: Newcomers;
  readonly #refusals: RefusalLog;
  readonly #sockets = new Set<Socket>();
  #context: SecureContext | undefined;
  #isClosed = false;

  private constructor(options: RfbPortOptions) {
    this.#options = options;
    this.#context = options.certificate && contextOf(options.certificate);
    this.#refusals = new RefusalLog(options.log);
    this.#newcomers = new Newcomers({
      limits: options.doors.limits,
      loginMs: options.loginMs ?? LOGIN_MS,
      ended: (code, block) => this.#note(code, block),
    });
  }

  /** Listens. Throws HttpStartError. */
  static async open(options: RfbPortOptions): Promise<RfbPort> {
    const port = new RfbPort(options);
    const { tcp, socketPath, vnc, log } = options;
    try {
      for (const host of tcp?.hosts ?? []) await port.#listenTcp(host, tcp!.port);
      if (socketPath !== undefined) await port.#listenUnix(socketPath);
    } catch (error) {
      await port.close();
      throw error;
    }
    log.info({ at: port.places }, 'Viewers can connect by RFB');
    if (vnc) {
      const text =
        'A person who knows the VNC password has the rights of this user. Such connections are not encrypted, ' +
        'and the password has 8 bytes: use it in networks that you trust.';
      log.warn({ user: vnc.user }, text);
    }
    return port;
  }

  /** Where it listens, such as `127.0.0.1:5900`. */
  get places(): string[] {
    return [...this.#servers.values()];
  }

  /** Serves new connections with another certificate. */
  useCertificate(certificate: Certificate): void {
    this.#context = contextOf(certificate);
  }

  /** Ends all connections. Resolves when all sockets are closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#newcomers.close();
    const closed = [...this.#servers.keys()].map(
      (server) => new Promise<void>((done) => server.close(() => done())),
    );
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  async #listenTcp(host: string, port: number): Promise<void> {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    await new Promise<void>((done, fail) => {
      server.once('error', (cause: NodeJS.ErrnoException) =>
        fail(listenError(cause, `${host} port ${port}`)),
      );
      server.listen({ host, port }, () => done());
    });
    const { address, family, port: used } = server.address() as AddressInfo;
    this.#serve(server, family === 'IPv6' ? `[${address}]:${used}` : `${address}:${used}`, false);
  }

  async #listenUnix(path: string): Promise<void> {
    const server = createServer();
    const remove = await listenOnUnixSocket(server, path, '--rfb-socket');
    server.once('close', remove);
    this.#serve(server, `unix:${path}`, true);
  }

  #serve(server: Server, place: string, isUnix: boolean): void {
    server.removeAllListeners('error');
    server.on('error', (err) => this.#options.log.warn({ err }, 'rfb: a connection could not be accepted'));
    server.on('connection', (socket: Socket) => this.#take(socket, isUnix));
    this.#servers.set(server, place);
  }

  #take(socket: Socket, isUnix: boolean): void {
    const { doors, log } = this.#options;
    socket.on('error', (err) => log.debug({ err }, 'rfb: broken'));
    if (isUnix) markUnixSocket(socket);
    const address = doors.peers.neighbour(socket);
    // Without an address, the peer has gone already.
    if (this.#isClosed || address === undefined || !doors.guard.admits(socket, addressBlock(address))) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    void this.#logIn(socket, address, isUnix);
  }

  /** Takes a viewer to the session, or ends its connection. Never rejects. */
  async #logIn(socket: Socket, address: string, isUnix: boolean): Promise<void> {
    const { doors, session, vnc } = this.#options;
    // A proxy forwards no addresses here, so that its connections count for its own, whether it is trusted or not.
    const block = addressBlock(address);
    const newcomer = this.#newcomers.add(socket, block);
    if (newcomer === undefined) return;
    let claimed: string | undefined;
    try {
      const { user, stream } = await logIn(socket, {
        tls: isUnix ? undefined : this.#context,
        vnc,
        checking: (name) => {
          newcomer.checking();
          claimed = name;
        },
        checkPassword: (...given) => {
          const [name, password, signal] = given;
          return doors.login.byNameAndPassword(name, password, address, signal);
        },
        checkProof: (name, isRight) => doors.login.byProof(name, address, isRight),
        admit: (who) => this.#admit(who, socket, block),
      });
      newcomer.leave();
      if (this.#isClosed || stream.destroyed) {
        socket.destroy();
        return;
      }
      if (!isUnix) this.#setCongestionControl(socket);
      stream.on('error', () => undefined);
      const transport = new StreamTransport(stream, socket, (bytes) => doors.onQueued(bytes));
      doors.viewers.add(transport);
      socket.once('close', () => doors.viewers.delete(transport));
      session.attach(transport, user, address, 'rfb');
    } catch (error) {
      newcomer.refused();
      this.#refused(error, address, claimed);
      endSoon(socket);
    }
  }

  /** Takes a place for the viewer, which its end gives back. Throws a Problem. */
  #admit(user: User, socket: Socket, block: string): void {
    const { doors, session } = this.#options;
    if (this.#isClosed) throw httpProblem('HTTP_CLOSING');
    if (!user.read) throw httpProblem('HTTP_NO_READ');
    const taken = session.refusal(user.name);
    if (taken !== undefined) throw taken;
    const code = doors.seats.refusal(user.name, block) ?? doors.guard.enter(socket, block);
    if (code !== undefined) throw httpProblem(code);
    socket.once('close', doors.seats.take(user.name, block));
  }

  #refused(error: unknown, address: string, claimed: string | undefined): void {
    const { audit, accounts, log } = this.#options;
    const { code, title } = reasonOf(error);
    if (code === undefined) return;
    this.#refusals.noteCaller(code, address, {}, title);
    if (!(error instanceof Problem || error instanceof RfbError || error instanceof NoCommonSecurity)) {
      if (!(error instanceof ViewerLost)) log.error({ err: error }, 'rfb: a login failed');
    }
    const isPassword = error instanceof Problem && error.status === 401;
    audit.record({
      door: isPassword ? 'login' : 'rfb',
      outcome: 'refused',
      what: 'rfb',
      code,
      address,
      // The name of a user who does not exist may be a password in the wrong field.
      claims: claimed !== undefined && accounts.get(claimed) !== undefined ? claimed : undefined,
    });
  }

  #note(code: RfbPortErrorCode, block: string | undefined): void {
    this.#refusals.noteCaller(code, block, {}, RFB_PORT_ERRORS[code]);
  }

  #setCongestionControl(socket: Socket): void {
    const { tcpCongestion: wanted, log } = this.#options;
    if (wanted === undefined) return;
    try {
      setCongestionControl(socket, wanted);
    } catch (err) {
      log.debug({ err }, 'rfb: the congestion control cannot be set');
    }
  }
}

/**
 * TLS 1.2, with the suites of HTTPS. In TLS 1.3, OpenSSL sends session tickets behind the handshake. TigerVNC's viewer
 * (1.12) overlooks what arrives together with them, and would wait for ever for the result of its login.
 */
const contextOf = (certificate: Certificate): SecureContext =>
  createSecureContext({ ...tlsProfile(certificate), maxVersion: 'TLSv1.2' });

/** The code and the text of a refusal. No code for a viewer that has gone by itself. */
function reasonOf(error: unknown): { readonly code: string | undefined; readonly title: string } {
  if (error instanceof Problem) return { code: error.code, title: refusalText(error) };
  if (error instanceof RfbError) return { code: error.code, title: error.message };
  if (error instanceof NoCommonSecurity) return port('RFB_NO_COMMON_SECURITY');
  if (error instanceof ViewerLost)
    return error.isTls ? port('RFB_TLS_FAILED') : { code: undefined, title: '' };
  return { code: 'HTTP_INTERNAL', title: httpProblem('HTTP_INTERNAL').title };
}

const port = (code: RfbPortErrorCode) => ({ code, title: RFB_PORT_ERRORS[code] });

/** Ends a connection behind what was written to it. */
function endSoon(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), REFUSAL_MS).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.resume();
  socket.end();
}

function listenError(cause: NodeJS.ErrnoException, at: string): HttpStartError {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new HttpStartError(
        'HTTP_PORT_BUSY',
        `another program listens on ${at}; give another one for RFB with --rfb-port or --rfb-socket`,
        { cause },
      );
    case 'EACCES':
    case 'EPERM':
      return new HttpStartError(
        'HTTP_PORT_DENIED',
        `this account may not listen on ${at}; give another one for RFB with --rfb-port or --rfb-socket`,
        { cause },
      );
    default:
      return new HttpStartError('HTTP_LISTEN_FAILED', `cannot listen on ${at} for RFB: ${cause.message}`, {
        cause,
      });
  }
}
