import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config } from './config.ts';
import {
  anyText,
  displayName,
  integer,
  listenAddress,
  networks,
  oneOf,
  origins,
  size,
  type ValueType,
} from './values.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One thing that can be configured, everything about it. */
export interface Option<Value> {
  /** The flag without its dashes; the same word is the key in the YAML file. */
  readonly flag: string;
  readonly type: ValueType<NonNullable<Value>>;
  readonly defaultValue: (env: Environment) => Value;
  /** Whether the value is a file or folder, relative to where it was written. */
  readonly isPath?: boolean;
  /** Whether a flag given again adds to the ones before; other flags replace them. */
  readonly isList?: boolean;
  readonly help: string;
  /** The default in words, where its value does not say it. */
  readonly defaultHelp?: string;
}

export type Schema = { readonly [Key in keyof Config]: Option<Config[Key]> };

const none = () => undefined;

/** Every option, in the order of the help. */
export const SCHEMA: Schema = {
  listen: {
    flag: 'listen',
    type: listenAddress,
    defaultValue: () => '127.0.0.1',
    help: 'Address to listen on.',
  },
  port: {
    flag: 'port',
    type: integer('PORT', 0, 65_535),
    defaultValue: () => 8443,
    help: 'TCP port; 0 takes any free one.',
  },
  size: {
    flag: 'size',
    type: size,
    defaultValue: () => ({ width: 1680, height: 971 }),
    help: "The desktop's size at start.",
  },
  maxSize: {
    flag: 'max-size',
    type: size,
    defaultValue: () => ({ width: 3840, height: 2160 }),
    help: 'The largest size it can be given.',
  },
  maxFps: {
    flag: 'max-fps',
    type: integer('NUMBER', 1, 60),
    defaultValue: () => 60,
    help: 'Frames a second at most, 1 to 60.',
  },
  videoArea: {
    flag: 'video-area',
    type: integer('PERCENT', 1, 100),
    defaultValue: () => 45,
    help: 'Video mode begins where more of the screen than this keeps changing, 1 to 100; with 100 never.',
  },
  videoTime: {
    flag: 'video-time',
    type: integer('SECONDS', 0, 100),
    defaultValue: () => 5,
    help: 'For how long it has to keep changing, 0 to 100.',
  },
  videoOutTime: {
    flag: 'video-out-time',
    type: integer('SECONDS', 1, 100),
    defaultValue: () => 3,
    help: 'Video mode ends when the screen has been calmer for this long, 1 to 100.',
  },
  jpegVideoQuality: {
    flag: 'jpeg-video-quality',
    type: integer('LEVEL', 0, 9),
    defaultValue: () => 5,
    help: 'Quality in video mode, 0 to 9.',
  },
  maxVideoResolution: {
    flag: 'max-video-resolution',
    type: size,
    defaultValue: () => ({ width: 1920, height: 1080 }),
    help: 'In video mode the screen is sent scaled down to fit this.',
  },
  videoScaling: {
    flag: 'video-scaling',
    type: oneOf('FILTER', ['area', 'nearest']),
    defaultValue: () => 'area',
    help: 'How: area gives each pixel the mean of what it covers, nearest the one in its middle.',
  },
  display: {
    flag: 'display',
    type: displayName,
    defaultValue: none,
    help: 'Attach to this running X display instead of starting one.',
  },
  run: {
    flag: 'run',
    type: anyText('COMMAND'),
    defaultValue: none,
    help: 'Shell command line to start in the desktop.',
    defaultHelp: 'a window manager and a terminal',
  },
  data: {
    flag: 'data',
    type: anyText('FOLDER'),
    defaultValue: dataFolder,
    isPath: true,
    help: 'Folder of users and certificate.',
    defaultHelp: '$XDG_DATA_HOME/deskwire, else ~/.local/share/deskwire',
  },
  owner: {
    flag: 'owner',
    type: anyText('NAME'),
    defaultValue: none,
    help: 'Name of the first owner; ignored once there is one.',
    defaultHelp: 'owner',
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
    help: 'Its private key (PEM).',
  },
  kasmpasswd: {
    flag: 'kasmpasswd',
    type: anyText('FILE'),
    defaultValue: none,
    isPath: true,
    help: 'KasmVNC password file whose users are imported.',
  },
  allowOrigin: {
    flag: 'allow-origin',
    type: origins,
    defaultValue: () => [],
    isList: true,
    help: 'Other origin whose pages may use the API; may be repeated.',
  },
  trustProxy: {
    flag: 'trust-proxy',
    type: networks,
    defaultValue: () => [],
    isList: true,
    help: 'Proxy whose X-Forwarded-… headers are believed, or a network of them such as 10.0.0.0/8; may be repeated.',
  },
  logLevel: {
    flag: 'log-level',
    type: oneOf('LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace']),
    defaultValue: () => 'info',
    help: 'Least severity that is logged: fatal, error, warn, info, debug, trace.',
  },
};

/** All keys of the schema, typed. */
export const CONFIG_KEYS = Object.keys(SCHEMA) as readonly (keyof Config)[];

/** `--max-size` is `DESKWIRE_MAX_SIZE`. */
export const envNameOf = (flag: string): string => `DESKWIRE_${flag.toUpperCase().replaceAll('-', '_')}`;

/** The XDG Base Directory Specification: a relative path there is as good as none. */
function dataFolder(env: Environment): string {
  const xdg = env.XDG_DATA_HOME;
  return join(xdg?.startsWith('/') ? xdg : join(env.HOME || homedir(), '.local', 'share'), 'deskwire');
}
