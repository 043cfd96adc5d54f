import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import type { Accounts } from '../../src/accounts/accounts.ts';
import { openAccounts } from '../../src/accounts/file-accounts.ts';
import { FileTokens } from '../../src/accounts/file-tokens.ts';
import type { HashCost } from '../../src/accounts/password-hash.ts';
import { createApi } from '../../src/api/api.ts';
import type { AuditEntry } from '../../src/audit/audit.ts';
import { AuditCounts } from '../../src/audit/audit-counts.ts';
import { type OpenAudit, openAudit, usersChanged } from '../../src/audit/open-audit.ts';
import type { ClipboardRules } from '../../src/config/clipboard-rules.ts';
import type { ListenPlace, PlainHttp } from '../../src/config/listen-place.ts';
import { SyntheticDesktop } from '../../src/desktop/synthetic/synthetic-desktop.ts';
import { userEvent } from '../../src/events/event.ts';
import { EventLog } from '../../src/events/event-log.ts';
import type { ConnectionLimits } from '../../src/http/connections/connection-limits.ts';
import type { EdgeKey } from '../../src/http/login/edge-trust.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { loadCertificate } from '../../src/http/tls/certificate.ts';
import type { Size } from '../../src/pixels/rect.ts';
import { RfbPort, type RfbPortOptions } from '../../src/rfb/rfb-port.ts';
import type { Exclusivity } from '../../src/session/exclusivity.ts';
import { SharedSession } from '../../src/session/shared-session.ts';
import { HttpsClient } from '../support/https-client.ts';
import type { TestLogin } from '../support/login-headers.ts';
import { NO_VIDEO } from '../support/test-session.ts';
import { connectRfb, type RfbTarget } from '../support/transport-rfb.ts';
import { Viewer, type ViewerOptions } from '../support/viewer.ts';

/** A low cost, because these tests are not about hashing. */
export const CHEAP: HashCost = { algorithm: 'scrypt', logN: 4, blockSize: 8, lanes: 1 };

/** One place to listen at, which only this machine can reach. */
export const LOOPBACK: readonly ListenPlace[] = [{ kind: 'tcp', host: '127.0.0.1', port: undefined }];

export interface ContractServerOptions {
  /** By default any port of 127.0.0.1. */
  readonly listen?: readonly ListenPlace[];
  readonly insecureHttp?: PlainHttp;
  readonly basePath?: string;
  readonly trustUserHeader?: string;
  readonly edge?: EdgeKey;
  readonly desktopId?: string;
  /** Folder whose page is served. By default a small page of its own. */
  readonly pageFolder?: string;
  readonly allowOrigin?: readonly string[];
  readonly trustProxy?: readonly string[];
  readonly cost?: HashCost;
  readonly limits?: Partial<ConnectionLimits>;
  readonly maxMemoryBytes?: number;
  /** Largest size of the desktop. By default that at the start. */
  readonly maxSize?: Size;
  readonly exclusivity?: Exclusivity;
  readonly clipboard?: ClipboardRules;
}

export type Login = TestLogin;

export const ADA: Login = { name: 'ada', password: 'ada-secret' };
export const BOB: Login = { name: 'bob', password: 'bob-secret' };
/** A user with read and write who is no owner. */
export const EVE: Login = { name: 'eve', password: 'eve-secret' };
/** A user who may read, and one who may not even do that. `createReaders` creates them. */
export const LOOKER: Login = { name: 'looker', password: 'looker-secret' };
export const BLIND: Login = { name: 'blind', password: 'blind-secret' };

export async function createReaders(server: ContractServer): Promise<void> {
  const users = [
    { user: LOOKER.name, password: LOOKER.password, read: true },
    { user: BLIND.name, password: BLIND.password },
  ];
  assert.equal((await server.client(ADA).post('/api/create_user', users)).status, 200);
}

/** Secrets of tokens and tickets in an answer. Their ids are not secret. */
const SECRETS_GIVEN = /dw[tk]_[0-9a-f]{16}_([\w-]{43})/g;

/** Passwords in the query or the body of a call. */
const PASSWORDS_SENT = /password\\?"?[=:]\\?"?([^"&\\ ]+)/g;
/** Characters of a password that is looked for in log and audit trail. Shorter ones are parts of other words. */
const SHORTEST_PASSWORD = 8;

/** Files of the certificate that the first server of this process made: to make one takes half a second. */
const keptPair = new Map<string, string>();

/**
 * A server with real accounts, session and HTTPS, on a synthetic desktop. Has two owners and a user who is none. `close`
 * fails if a password that a client of it sent, or a token that it got, is in the log or in the audit trail.
 */
export class ContractServer {
  static async start(options: ContractServerOptions = {}): Promise<ContractServer> {
    const folder = mkdtempSync(join(tmpdir(), 'deskwire-contract-'));
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const accounts = await openAccounts({ folder, cost: options.cost ?? CHEAP });
    const tokens = new FileTokens({ folder, accounts });
    const owner = { read: true, write: true, owner: true };
    await accounts.apply([
      { kind: 'create', ...ADA, rights: owner, overwrite: true },
      { kind: 'create', ...BOB, rights: owner, overwrite: true },
      { kind: 'create', ...EVE, rights: { write: true }, overwrite: true },
    ]);
    const audit = await openAudit({
      auditLog: undefined,
      data: folder,
      onProblem: (err) => log.error({ err }),
    });
    const counts = new AuditCounts(audit);
    const desktop = new SyntheticDesktop({
      ...{ size: { width: 320, height: 200 }, colour: 0x336699 },
      ...(options.maxSize && { maxSize: options.maxSize }),
    });
    const events = new EventLog();
    const session = new SharedSession({
      desktop,
      events,
      maxFps: 60,
      video: NO_VIDEO,
      ...(options.exclusivity && { exclusivity: options.exclusivity }),
      ...(options.clipboard && { clipboard: options.clipboard }),
      isOwner: (name) => accounts.get(name)?.owner ?? false,
      log,
      audit,
    });
    accounts.on('changed', (changes) => {
      session.usersChanged(changes);
      audit.record(usersChanged(changes));
      for (const change of changes) events.publish(userEvent(change));
    });
    for (const [name, text] of keptPair) writeFileSync(join(folder, name), text);
    const certificate = await loadCertificate({ cert: undefined, key: undefined, data: folder, log });
    keptPair.set('cert.pem', certificate.cert).set('key.pem', certificate.key);
    const pageFolder = mkdtempSync(join(tmpdir(), 'deskwire-page-'));
    writeFileSync(join(pageFolder, 'index.html'), '<!doctype html><title>desk</title>');
    writeFileSync(join(pageFolder, 'main-ABCD2345.js'), 'export {};');
    const http = await createHttpServer({
      listen: options.listen ?? LOOPBACK,
      port: 0,
      certificate,
      accounts,
      tokens,
      session,
      allowOrigin: options.allowOrigin ?? [],
      trustProxy: options.trustProxy ?? [],
      pageFolder: options.pageFolder ?? pageFolder,
      ...(options.insecureHttp && { insecureHttp: options.insecureHttp }),
      basePath: options.basePath,
      trustUserHeader: options.trustUserHeader,
      edge: options.edge,
      ...(options.desktopId && { desktopId: options.desktopId }),
      ...(options.limits && { limits: options.limits }),
      ...(options.maxMemoryBytes !== undefined && { maxMemoryBytes: options.maxMemoryBytes }),
      api: createApi({
        ...{ accounts, tokens, session, events, counts },
        downloadsFolder: join(folder, 'Downloads'),
      }),
      log,
      audit: counts,
    });
    const parts = { folder, pageFolder, lines, accounts, tokens, audit, desktop, session, events, http, log };
    return new ContractServer(parts);
  }

  readonly folder: string;
  readonly pageFolder: string;
  readonly accounts: Accounts;
  readonly tokens: FileTokens;
  readonly desktop: SyntheticDesktop;
  readonly http: HttpServer;
  readonly ca: string;
  readonly events: EventLog;
  readonly #audit: OpenAudit;
  readonly #lines: readonly string[];
  readonly #session: SharedSession;
  readonly #log: Logger;
  readonly #clients: HttpsClient[] = [];
  readonly #ports: RfbPort[] = [];
  readonly #passwords = new Set([ADA, BOB, EVE].map(({ password }) => password));

  private constructor(parts: {
    folder: string;
    pageFolder: string;
    lines: readonly string[];
    accounts: Accounts;
    tokens: FileTokens;
    audit: OpenAudit;
    desktop: SyntheticDesktop;
    session: SharedSession;
    events: EventLog;
    http: HttpServer;
    log: Logger;
  }) {
    this.folder = parts.folder;
    this.accounts = parts.accounts;
    this.tokens = parts.tokens;
    this.desktop = parts.desktop;
    this.events = parts.events;
    this.http = parts.http;
    this.ca = readFileSync(this.certificatePath, 'utf8');
    this.pageFolder = parts.pageFolder;
    this.#audit = parts.audit;
    this.#lines = parts.lines;
    this.#session = parts.session;
    this.#log = parts.log;
  }

  get url(): string {
    return this.http.url;
  }

  get certificatePath(): string {
    return join(this.folder, 'cert.pem');
  }

  /** The whole log. */
  get logged(): string {
    return this.#lines.join('');
  }

  /** The audit trail as it is in the file. */
  get auditText(): string {
    const path = join(this.folder, 'audit.jsonl');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** The entries of the audit trail that are in the file. */
  get audited(): readonly AuditEntry[] {
    return this.auditText
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** A caller that sends this login with each call, or none. */
  client(login?: Login): HttpsClient {
    const client = new HttpsClient(this.url, this.ca, login);
    this.#clients.push(client);
    if (login !== undefined) this.#passwords.add(login.password);
    const send = client.send.bind(client);
    client.send = async (path, options) => {
      const text = `${path} ${JSON.stringify(options.body ?? '')}`;
      for (const [, password] of text.matchAll(PASSWORDS_SENT)) this.#passwords.add(password!);
      const answer = await send(path, options);
      if (answer.headers['content-type'] === 'application/json')
        for (const [, secret] of answer.text().matchAll(SECRETS_GIVEN)) this.#passwords.add(secret!);
      return answer;
    };
    return client;
  }

  viewer(
    login: Login,
    options: ViewerOptions = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Viewer> {
    this.#passwords.add(login.password);
    return Viewer.connectWebSocket({ url: this.url, ca: this.ca, user: login, headers }, options);
  }

  /** Opens an RFB port at 127.0.0.1, which ends with the server. */
  async rfbPort(options: Partial<RfbPortOptions> = {}): Promise<RfbPort> {
    const port = await RfbPort.open({
      tcp: { hosts: ['127.0.0.1'], port: 0 },
      socketPath: undefined,
      certificate: { cert: this.ca, key: readFileSync(join(this.folder, 'key.pem'), 'utf8') },
      vnc: undefined,
      doors: this.http.doors,
      accounts: this.accounts,
      session: this.#session,
      audit: this.#audit,
      log: this.#log,
      ...options,
    });
    this.#ports.push(port);
    return port;
  }

  /** Connects a viewer to an RFB port. */
  async rfbViewer(target: RfbTarget, options: ViewerOptions = {}): Promise<Viewer> {
    if ('password' in target.login) this.#passwords.add(target.login.password);
    return Viewer.connectOver(await connectRfb(target), options);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#session.close('The test is over.');
    for (const port of this.#ports) await port.close();
    await this.http.close();
    this.events.close();
    await this.#audit.close();
    await this.tokens.close();
    await this.accounts.close();
    await this.desktop.close();
    const records = `${this.logged}${this.auditText}`;
    rmSync(this.folder, { recursive: true });
    rmSync(this.pageFolder, { recursive: true });
    const leaked = [...this.#passwords].filter(
      (password) => password.length >= SHORTEST_PASSWORD && records.includes(password),
    );
    assert.deepEqual(leaked, [], 'no password is in the log or the audit trail');
  }
}
