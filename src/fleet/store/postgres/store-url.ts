import { userInfo } from 'node:os';
import { ConfigError } from '../../../config/errors.ts';

/** Hosts of one URL. Each is tried with each new connection. */
const MAX_HOSTS = 8;

const DEFAULT_PORT = 5432;

/** Folder of the server's Unix socket in Debian, for a URL without a host. */
const SOCKET_FOLDER = '/var/run/postgresql';

/** How much TLS there has to be. The names are those of PostgreSQL. */
const TLS_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;

/** One server. A host that begins with a slash is the folder of a Unix socket. */
export interface PostgresHost {
  readonly host: string;
  readonly port: number;
}

/** Where a fleet's store is on PostgreSQL. */
export interface PostgresPlace {
  /** The primary and its standbys, in any order. */
  readonly hosts: readonly PostgresHost[];
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  /** Undefined: as each host needs it, `disable` on this machine, and `verify-full` over a network. */
  readonly tls: (typeof TLS_MODES)[number] | undefined;
  /** PEM files: authorities for the server's certificate, and a certificate of the client with its key. */
  readonly files: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** Parameters after the question mark that are taken. Those of PostgreSQL's own programs have the same meaning. */
const PARAMETERS = [
  ...['host', 'port', 'dbname', 'user', 'password', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'],
  'target_session_attrs',
] as const;

type Parameters = Partial<Record<(typeof PARAMETERS)[number], string>>;

/**
 * Reads a URL such as `postgres://deskwire:secret@db1,db2:5433/deskwire?sslrootcert=ca.pem`, as PostgreSQL's own
 * programs do. Throws ConfigError, whose message has nothing of the URL: there may be a password in it.
 */
export function parseStoreUrl(url: string, source = 'the store'): PostgresPlace {
  const wrong = (what: string): ConfigError => new ConfigError('CFG_STORE', `${source}: ${what}.`);
  const parts = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^/?#]*))?(?:\?([^#]*))?$/.exec(url);
  if (parts === null)
    throw wrong(
      'the URL is not such as postgres://USER@HOST/DATABASE; ' +
        'in a password, @ / ? # % are written as %40 %2F %3F %23 %25',
    );
  const decode = (text: string): string => {
    try {
      return decodeURIComponent(text);
    } catch {
      throw wrong('the URL has a % without two hexadecimal digits; of a password, it is written as %25');
    }
  };
  const [, login = '', authority = '', path = '', query = ''] = parts;
  const parameters: Parameters = {};
  for (const pair of query.split('&').filter(Boolean)) {
    const [name = '', ...value] = pair.split('=');
    const known = PARAMETERS.find((parameter) => parameter === name);
    if (known === undefined)
      throw wrong(`the URL may have ${PARAMETERS.join(', ')} after the ?, and no more`);
    parameters[known] = decode(value.join('='));
  }
  const colon = login.indexOf(':');
  const [name, password] = colon < 0 ? [login, ''] : [login.slice(0, colon), login.slice(colon + 1)];
  const user = parameters.user ?? decode(name);
  const database = parameters.dbname ?? decode(path);
  const tls = TLS_MODES.find((mode) => mode === parameters.sslmode);
  if (parameters.sslmode !== undefined && tls === undefined)
    throw wrong(`sslmode must be ${TLS_MODES.slice(0, -1).join(', ')} or ${TLS_MODES.at(-1)}`);
  if (!['read-write', 'primary', undefined].includes(parameters.target_session_attrs))
    throw wrong('target_session_attrs must be read-write: a fleet writes');
  const { sslrootcert: ca, sslcert: cert, sslkey: key } = parameters;
  if ((cert === undefined) !== (key === undefined)) throw wrong('sslcert and sslkey are given together');
  return {
    hosts: hostsOf(authority, parameters, decode, wrong),
    user: user === '' ? userInfo().username : user,
    database: database === '' ? 'deskwire' : database,
    password: parameters.password ?? (password === '' ? undefined : decode(password)),
    tls,
    files: { ca, cert, key },
  };
}

function hostsOf(
  authority: string,
  parameters: Parameters,
  decode: (text: string) => string,
  wrong: (what: string) => ConfigError,
): readonly PostgresHost[] {
  const written = authority === '' ? (parameters.host ?? SOCKET_FOLDER).split(',') : authority.split(',');
  const ports = parameters.port?.split(',') ?? [];
  if (![0, 1, written.length].includes(ports.length))
    throw wrong('port has one number, or one for each host');
  if (written.length > MAX_HOSTS) throw wrong(`there may be ${MAX_HOSTS} hosts`);
  return written.map((text, i) => {
    const [, v6, name = '', ownPort] =
      (authority === '' ? [text, undefined, text] : /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d+))?$/.exec(text)) ??
      [];
    const host = v6 ?? (authority === '' ? name : decode(name));
    if (host === '')
      throw wrong('a host of the URL is not a name, an address, or a folder as %2Frun%2Fpostgresql');
    const port = Number(ownPort ?? ports[i] ?? ports[0] ?? DEFAULT_PORT);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw wrong('a port is a number from 1 to 65535');
    return { host, port };
  });
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** Which TLS a connection to a host needs. */
export function tlsFor({ tls }: PostgresPlace, { host }: PostgresHost): (typeof TLS_MODES)[number] {
  if (host.startsWith('/')) return 'disable';
  return tls ?? (LOOPBACK.test(host) ? 'disable' : 'verify-full');
}

/** A host for logs. */
export const hostName = ({ host, port }: PostgresHost): string =>
  host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : `${host.includes(':') ? `[${host}]` : host}:${port}`;
