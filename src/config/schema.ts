import { join } from 'node:path';
import { homeFolder } from '../common/home-folder.ts';
import { CLIPBOARD_FORMATS } from '../protocol/clipboard-content.ts';
import {
  boolean,
  clipboardDelay,
  clipboardFormats,
  clipboardSize,
  DEFAULT_CLIPBOARD_BYTES,
  primaryRule,
} from './clipboard-values.ts';
import type { Settings } from './config.ts';
import type { Environment, Option } from './option.ts';
import {
  anyText,
  basePath,
  displayName,
  headerName,
  integer,
  listenPlaces,
  networks,
  oneOf,
  origins,
  plainHttp,
  size,
  trueOrFalse,
  userName,
} from './values.ts';
import { VIDEO_SETTINGS } from './video-settings.ts';
import { WEBHOOK_SETTINGS } from './webhook-settings.ts';

export type Schema = { readonly [Key in keyof Settings]: Option<Settings[Key]> };

const none = () => undefined;

/** Largest limit of connections and viewers: more than one process can have descriptors for on most systems. */
const MOST_CONNECTIONS = 100_000;

/** Dots per inch that programs can be told: from text of half the usual size to text of five times that size. */
const LEAST_DPI = 48;
const MOST_DPI = 480;

/** Every setting, in the order of the help. */
export const SCHEMA: Schema = {
  listen: {
    flag: 'listen',
    type: listenPlaces,
    defaultValue: () => [{ kind: 'tcp', host: '127.0.0.1', port: undefined }],
    isList: true,
    help: 'Address to listen on, with or without a port, or unix:PATH for plain HTTP on a Unix socket; repeatable.',
  },
  port: {
    flag: 'port',
    type: integer('PORT', 0, 65_535),
    defaultValue: () => 8443,
    help: 'TCP port; 0 takes any free one.',
  },
  insecureHttp: {
    flag: 'insecure-http',
    type: plainHttp,
    defaultValue: () => 'no',
    help: 'Plain HTTP instead of HTTPS, behind a TLS proxy on this machine; "everywhere" also on other than loopback addresses.',
  },
  basePath: {
    flag: 'base-path',
    type: basePath,
    defaultValue: none,
    help: 'Path below which a proxy shows the server, such as /desk, whether the proxy strips it or not.',
  },
  size: {
    flag: 'size',
    type: size,
    defaultValue: () => ({ width: 1680, height: 971 }),
    help: 'Size of the desktop at start.',
  },
  maxSize: {
    flag: 'max-size',
    type: size,
    defaultValue: () => ({ width: 3840, height: 2160 }),
    help: 'Largest size that viewers can give the desktop.',
  },
  allowResize: {
    flag: 'allow-resize',
    type: trueOrFalse,
    defaultValue: () => true,
    help: 'Whether viewers who may write can resize the desktop.',
  },
  dpi: {
    flag: 'dpi',
    type: integer('NUMBER', LEAST_DPI, MOST_DPI),
    defaultValue: none,
    help: 'Dots per inch that programs draw for; 192 makes everything twice as large.',
    defaultHelp: '96; that of an attached display is left alone',
  },
  gl: {
    flag: 'gl',
    type: trueOrFalse,
    defaultValue: () => true,
    help: 'Whether programs can use OpenGL (GLX). --no-gl saves 57 MB of memory.',
  },
  maxFps: {
    flag: 'max-fps',
    type: integer('NUMBER', 1, 60),
    defaultValue: () => 60,
    help: 'Frames per second at most, 1 to 60.',
  },
  ...VIDEO_SETTINGS,
  clipboardToClient: {
    flag: 'clipboard-to-client',
    yamlPath: 'clipboard.server_to_client.enabled',
    type: boolean,
    defaultValue: () => true,
    help: 'Whether viewers are sent what is copied in the desktop.',
  },
  clipboardToClientSize: {
    flag: 'clipboard-to-client-size',
    yamlPath: 'clipboard.server_to_client.size',
    type: clipboardSize,
    defaultValue: () => DEFAULT_CLIPBOARD_BYTES,
    help: 'Bytes of the largest copy that they are sent; larger ones are refused.',
  },
  clipboardPrimary: {
    flag: 'clipboard-primary',
    yamlPath: 'clipboard.server_to_client.primary_clipboard_enabled',
    type: primaryRule,
    defaultValue: () => 'auto',
    help: 'Whether viewers are also sent text that is only marked; auto: of programs that cannot copy, such as xterm.',
  },
  clipboardToServer: {
    flag: 'clipboard-to-server',
    yamlPath: 'clipboard.client_to_server.enabled',
    type: boolean,
    defaultValue: () => true,
    help: "Whether viewers may set the desktop's clipboard.",
  },
  clipboardToServerSize: {
    flag: 'clipboard-to-server-size',
    yamlPath: 'clipboard.client_to_server.size',
    type: clipboardSize,
    defaultValue: () => DEFAULT_CLIPBOARD_BYTES,
    help: 'Bytes of the largest content that they may set; larger ones are refused.',
  },
  clipboardTypes: {
    flag: 'clipboard-types',
    yamlPath: 'clipboard.allow_mimetypes',
    type: clipboardFormats,
    defaultValue: () => CLIPBOARD_FORMATS,
    isList: true,
    help: 'MIME types that pass in both directions; text/plain always does.',
  },
  clipboardDelay: {
    flag: 'clipboard-delay',
    yamlPath: 'clipboard.delay_between_operations',
    type: clipboardDelay,
    defaultValue: () => 0,
    help: 'Milliseconds between two uses of the clipboard by one user.',
  },
  display: {
    flag: 'display',
    type: displayName,
    defaultValue: none,
    help: 'Attach to this X display instead of starting one.',
  },
  run: {
    flag: 'run',
    type: anyText('COMMAND'),
    defaultValue: none,
    help: 'Shell command line to start on the desktop, in place of all that it shows otherwise.',
    defaultHelp: 'a desktop with a panel and a terminal',
  },
  desktopUser: {
    flag: 'desktop-user',
    type: userName,
    defaultValue: none,
    help: "Unix user that the desktop's programs run as, if root starts the server; root runs them as root.",
    defaultHelp: 'deskwire-desktop, which is made',
  },
  environmentFile: {
    flag: 'environment-file',
    type: anyText('FILE'),
    defaultValue: none,
    isPath: true,
    help: "JSON file, an object of variables for the desktop's programs. The server itself does not get them.",
  },
  data: {
    flag: 'data',
    type: anyText('FOLDER'),
    defaultValue: dataFolder,
    isPath: true,
    help: 'Folder for users and certificate.',
    defaultHelp: '$XDG_DATA_HOME/deskwire, else ~/.local/share/deskwire',
  },
  owner: {
    flag: 'owner',
    type: anyText('NAME'),
    defaultValue: none,
    help: 'Name of the first owner; ignored if there is an owner already.',
    defaultHelp: 'owner',
  },
  ownerPasswordFile: {
    flag: 'owner-password-file',
    type: anyText('FILE'),
    defaultValue: none,
    isPath: true,
    help: "File whose first line is the first owner's password.",
  },
  ownerPasswordFd: {
    flag: 'owner-password-fd',
    type: integer('NUMBER', 0, 1023),
    defaultValue: none,
    help: 'File descriptor from which that line is read; 0 is standard input.',
  },
  cert: {
    flag: 'cert',
    type: anyText('FILE'),
    defaultValue: none,
    isPath: true,
    help: 'TLS certificate (PEM).',
    defaultHelp: 'a self-signed one, made once',
  },
  key: {
    flag: 'key',
    type: anyText('FILE'),
    defaultValue: none,
    isPath: true,
    help: 'Private key of the certificate (PEM).',
  },
  kasmpasswd: {
    flag: 'kasmpasswd',
    type: anyText('FILE'),
    defaultValue: none,
    isPath: true,
    help: 'KasmVNC password file to import users from.',
  },
  allowOrigin: {
    flag: 'allow-origin',
    type: origins,
    defaultValue: () => [],
    isList: true,
    help: 'Another site whose pages may call the API and show the desktop; repeatable.',
  },
  trustProxy: {
    flag: 'trust-proxy',
    type: networks,
    defaultValue: () => [],
    isList: true,
    help: 'Proxy, or network of proxies such as 10.0.0.0/8, whose X-Forwarded-… headers are believed; repeatable.',
  },
  trustUserHeader: {
    flag: 'trust-user-header',
    type: headerName,
    defaultValue: none,
    help: 'Header in which trusted proxies, and all callers of a Unix socket, name a user who needs no password then.',
  },
  edgeKeyFile: {
    flag: 'edge-key-file',
    type: anyText('FILE'),
    defaultValue: none,
    isPath: true,
    help: 'File with the epoch and the key of a fleet (docs/fleet.md); then only callers that its edge names are answered.',
  },
  rfbPort: {
    flag: 'rfb-port',
    type: integer('PORT', 0, 65_535),
    defaultValue: none,
    help: 'TCP port for VNC viewers, at the addresses of --listen; usually 5900, and 0 takes any free one.',
  },
  rfbSocket: {
    flag: 'rfb-socket',
    type: anyText('PATH'),
    defaultValue: none,
    isPath: true,
    help: 'Unix socket for VNC viewers of this machine, without TLS, with mode 0660.',
  },
  vncPasswordFile: {
    flag: 'vnc-password-file',
    type: anyText('FILE'),
    defaultValue: none,
    isPath: true,
    help: 'File with a VNC password, for viewers without VeNCrypt: its first line, or made by vncpasswd. Not encrypted.',
  },
  vncUser: {
    flag: 'vnc-user',
    type: anyText('NAME'),
    defaultValue: none,
    help: 'User whose rights viewers have that log in by the VNC password.',
  },
  tcpCongestion: {
    flag: 'tcp-congestion',
    type: anyText('NAME'),
    defaultValue: none,
    help: "TCP congestion control of viewers' connections, such as bbr for links that lose packets.",
    defaultHelp: 'that of the system',
  },
  maxConnections: {
    flag: 'max-connections',
    type: integer('NUMBER', 1, MOST_CONNECTIONS),
    defaultValue: () => 4096,
    help: 'Connections at most, of pages, calls and viewers together.',
  },
  maxConnectionsPerAddress: {
    flag: 'max-connections-per-address',
    type: integer('NUMBER', 1, MOST_CONNECTIONS),
    defaultValue: () => 1024,
    help: 'Connections from one address, or one /64 of IPv6; a browser opens up to seven.',
  },
  maxConnectRate: {
    flag: 'max-connect-rate',
    type: integer('NUMBER', 1, MOST_CONNECTIONS),
    defaultValue: () => 100,
    help: 'New connections from one address in a second, after a burst of twenty times as many.',
  },
  maxViewers: {
    flag: 'max-viewers',
    type: integer('NUMBER', 1, MOST_CONNECTIONS),
    defaultValue: () => 512,
    help: 'Viewers of the desktop at most.',
  },
  maxViewersPerUser: {
    flag: 'max-viewers-per-user',
    type: integer('NUMBER', 1, MOST_CONNECTIONS),
    defaultValue: () => 256,
    help: 'Viewers of one user; many people may share a login.',
  },
  maxViewersPerAddress: {
    flag: 'max-viewers-per-address',
    type: integer('NUMBER', 1, MOST_CONNECTIONS),
    defaultValue: () => 256,
    help: 'Viewers from one address, or one /64 of IPv6; many people may be behind one router.',
  },
  sessionType: {
    flag: 'session-type',
    yamlPath: 'user_session.session_type',
    type: oneOf('TYPE', ['shared', 'exclusive']),
    defaultValue: () => 'shared',
    help: 'shared: any number of viewers; exclusive: one at a time, and further ones of other users are refused.',
  },
  exclusiveTakeOver: {
    flag: 'exclusive-take-over',
    yamlPath: 'user_session.new_session_disconnects_existing_exclusive_session',
    type: boolean,
    defaultValue: () => false,
    help: 'In an exclusive session, a viewer of another user ends the one that is connected instead.',
  },
  maxMemory: {
    flag: 'max-memory',
    type: integer('MIB', 64, 1_048_576),
    defaultValue: none,
    help: "Memory of the server's process near which new connections are refused, as they are near the system's limits.",
    defaultHelp: "the system's limits alone",
  },
  ...WEBHOOK_SETTINGS,
  auditLog: {
    flag: 'audit-log',
    type: anyText('FILE'),
    defaultValue: none,
    isPath: true,
    help: 'File of the audit trail; /dev/null keeps none.',
    defaultHelp: 'audit.jsonl in the data folder',
  },
  logLevel: {
    flag: 'log-level',
    type: oneOf('LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace']),
    defaultValue: () => 'info',
    help: 'Least severity that is logged: fatal, error, warn, info, debug or trace.',
  },
};

/** All keys of the schema, typed. */
export const CONFIG_KEYS = Object.keys(SCHEMA) as readonly (keyof Settings)[];

/** Returns the variable of a flag: `--max-size` is `DESKWIRE_MAX_SIZE`. */
export const envNameOf = (flag: string): string => `DESKWIRE_${flag.toUpperCase().replaceAll('-', '_')}`;

/** Returns the default data folder. By the XDG Base Directory Specification, a relative path is ignored. */
function dataFolder(env: Environment): string {
  const xdg = env.XDG_DATA_HOME;
  return join(xdg?.startsWith('/') ? xdg : join(homeFolder(env), '.local', 'share'), 'deskwire');
}
