import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chownSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { descendantsOf } from '../../src/common/process-tree.ts';
import { type PostgresPlace, parseStoreUrl } from '../../src/fleet/store/postgres/store-url.ts';
import { postgresProgram } from './postgres-here.ts';
import { stablePort } from './stable-port.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

/** PostgreSQL refuses to run as root. Debian's package makes this user. */
const SERVER_USER = 'postgres';

/** The role of a fleet. It owns its database, and nothing else. */
const ROLE = 'deskwire';
export const ROLE_PASSWORD = 'p@ss:/?#%word';

const STANDBY = 'standby';

const SETTINGS = [
  ...['shared_buffers=16MB', 'max_connections=60', 'wal_keep_size=64MB', 'hot_standby=on'],
  ...['logging_collector=off', 'log_min_messages=warning'],
  // Files in its own folder, which stay nowhere when the server is killed.
  'dynamic_shared_memory_type=mmap',
];

const running = new Set<PostgresServer>();

/** A test that fails leaves no server behind. The end of its process takes the folders with it. */
const killAll = (): void => {
  for (const server of running) server.killAll();
};

/** A server of PostgreSQL in a temporary folder, at a port of 127.0.0.1 and a Unix socket. It ends with the test. */
export class PostgresServer {
  readonly folder: string;
  readonly port: number;
  #child: ChildProcess | undefined;
  #hasTls = false;

  /** Makes and starts a server. With `certificateFor`, it has TLS with a certificate for that name. */
  static async start(certificateFor?: string): Promise<PostgresServer> {
    const server = await PostgresServer.#prepared();
    if (certificateFor !== undefined) server.#makeCertificate(certificateFor);
    server.#run('initdb', [
      ...[
        '--pgdata',
        server.#data,
        '--username',
        SERVER_USER,
        '--auth-local=trust',
        '--auth-host=scram-sha-256',
      ],
      ...['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    ]);
    await server.startAgain();
    await server.sql(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${ROLE_PASSWORD}'`);
    return server;
  }

  /** Makes and starts a standby. The commits of this server wait for it from now on. */
  async addStandby(): Promise<PostgresServer> {
    const standby = await PostgresServer.#prepared();
    const from = `host=${this.folder} port=${this.port} user=${SERVER_USER}`;
    standby.#run('pg_basebackup', [
      ...['--dbname', from, '--pgdata', standby.#data, '--write-recovery-conf', '--wal-method=stream'],
      ...['--checkpoint=fast', '--no-sync'],
    ]);
    appendFileSync(
      join(standby.#data, 'postgresql.auto.conf'),
      `primary_conninfo = '${from} application_name=${STANDBY}'\n`,
    );
    await standby.startAgain();
    await this.sql(`ALTER SYSTEM SET synchronous_standby_names = '${STANDBY}'`);
    await this.sql('SELECT pg_reload_conf()');
    await waitFor('the synchronous standby', async () => {
      const [row] = await this.sql('SELECT sync_state FROM pg_stat_replication');
      return row?.sync_state === 'sync';
    });
    return standby;
  }

  static async #prepared(): Promise<PostgresServer> {
    const folder = temporaryFolder('deskwire-pg-');
    const server = new PostgresServer(folder, await stablePort());
    mkdirSync(server.#data, { mode: 0o700 });
    const { user } = server;
    if (user !== undefined) for (const path of [folder, server.#data]) chownSync(path, user.uid, user.gid);
    return server;
  }

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    if (running.size === 0) process.prependListener('exit', killAll);
    running.add(this);
  }

  /** URL of a database, over TCP and with a password. */
  url(database: string, hosts: readonly PostgresServer[] = [this]): string {
    const authority = hosts.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return `postgres://${ROLE}:${encodeURIComponent(ROLE_PASSWORD)}@${authority}/${database}`;
  }

  place(database: string, hosts: readonly PostgresServer[] = [this]): PostgresPlace {
    return parseStoreUrl(this.url(database, hosts));
  }

  /** Makes an empty database that the role owns. Returns its name. */
  async database(): Promise<string> {
    const name = `fleet_${Math.random().toString(36).slice(2)}`;
    await this.sql(`CREATE DATABASE ${name} OWNER ${ROLE}`);
    return name;
  }

  /** Runs a statement as the superuser. */
  async sql(text: string, database = 'postgres'): Promise<Readonly<Record<string, unknown>>[]> {
    const client = new pg.Client({ host: this.folder, port: this.port, user: SERVER_USER, database });
    client.on('error', () => {});
    await client.connect();
    try {
      const results = await client.query<Readonly<Record<string, unknown>>>({ text });
      return (Array.isArray(results) ? results.at(-1)! : results).rows;
    } finally {
      await client.end();
    }
  }

  /** Starts the server, again after `kill` or `stop`. */
  async startAgain(): Promise<void> {
    const log = join(this.folder, 'log');
    const settings = [...SETTINGS, `unix_socket_directories=${this.folder}`, 'listen_addresses=127.0.0.1'];
    if (this.#hasTls)
      settings.push(
        'ssl=on',
        `ssl_cert_file=${this.certificate}`,
        `ssl_key_file=${join(this.folder, 'key.pem')}`,
      );
    const line = [
      ...[postgresProgram('postgres'), '-D', this.#data, '-p', String(this.port)],
      ...settings.flatMap((setting) => ['-c', setting]),
    ];
    // SIGQUIT ends the server with all of its processes, when this process is killed.
    const child = spawn('setpriv', ['--pdeathsig', 'QUIT', ...this.#identity, ...line], {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: this.folder,
    });
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-4000);
    });
    this.#child = child;
    await waitFor(`PostgreSQL in ${log}`, async () => {
      if (child.exitCode !== null) throw new Error(`PostgreSQL has ended:\n${said}`);
      return this.sql('SELECT 1').catch(() => undefined);
    });
  }

  /** Kills all processes of the server at once, as a loss of power would. */
  async kill(): Promise<void> {
    const child = this.#child!;
    this.killAll();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    this.#child = undefined;
  }

  /** Ends the server by a signal: SIGINT breaks off transactions, SIGQUIT all processes. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    this.#child = undefined;
  }

  /** Freezes all processes of the server, or has them go on: a server that does not answer. */
  freeze(isFrozen: boolean): void {
    for (const pid of this.#processes()) process.kill(pid, isFrozen ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Makes a standby the primary. */
  async promote(): Promise<void> {
    await this.sql('SELECT pg_promote(true, 60)');
  }

  /** File with the certificate of its TLS. */
  get certificate(): string {
    return join(this.folder, 'cert.pem');
  }

  #makeCertificate(name: string): void {
    this.#hasTls = true;
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
        ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`],
        ...['-keyout', join(this.folder, 'key.pem'), '-out', this.certificate],
      ],
      { stdio: 'pipe', ...this.user },
    );
  }

  get #data(): string {
    return join(this.folder, 'data');
  }

  /** Who the server runs as, if this process is root. */
  get user(): { readonly uid: number; readonly gid: number } | undefined {
    if (process.getuid!() !== 0) return undefined;
    const entry = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .find(([name]) => name === SERVER_USER);
    if (entry === undefined) throw new Error(`There is no user ${SERVER_USER}.`);
    return { uid: Number(entry[2]), gid: Number(entry[3]) };
  }

  get #identity(): readonly string[] {
    const { user } = this;
    return user === undefined
      ? []
      : ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'];
  }

  #run(program: string, args: readonly string[]): void {
    execFileSync(postgresProgram(program), args, { ...this.user, cwd: this.folder, stdio: 'pipe' });
  }

  #processes(): readonly number[] {
    const pid = this.#child?.pid;
    return pid === undefined ? [] : [pid, ...descendantsOf(pid)];
  }

  /** Kills all of its processes. */
  killAll(): void {
    for (const pid of this.#processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  }
}
