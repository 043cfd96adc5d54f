import { isIP } from 'node:net';

/** One place to listen at. */
export type ListenPlace = TcpPlace | UnixPlace;

export interface TcpPlace {
  readonly kind: 'tcp';
  /** Address or host name, without brackets. */
  readonly host: string;
  /** Undefined: that of --port. */
  readonly port: number | undefined;
}

interface UnixPlace {
  readonly kind: 'unix';
  /** Absolute. */
  readonly path: string;
}

/** Bytes of a Unix socket's path at most: `sun_path` of Linux, less the zero at its end. */
const MAX_PATH_BYTES = 107;
const MAX_PORT = 65_535;

/** Reads `ADDRESS`, `ADDRESS:PORT`, `[IPV6]:PORT` or `unix:/PATH`. Returns undefined for anything else. */
export function parseListenPlace(text: string): ListenPlace | undefined {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    const isUsable = /^\/.*[^/]$/.test(path) && Buffer.byteLength(path) <= MAX_PATH_BYTES;
    return isUsable ? { kind: 'unix', path } : undefined;
  }
  if (isIP(text) !== 0) return { kind: 'tcp', host: text, port: undefined };
  const [, bracketed, bare, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  const host = bracketed ?? bare ?? '';
  const isHost = bracketed === undefined ? isIP(host) === 4 || isName(host) : isIP(host) === 6;
  return isHost && (port ?? 0) <= MAX_PORT ? { kind: 'tcp', host, port } : undefined;
}

/** A name of digits and dots is a mistyped IP address. */
function isName(host: string): boolean {
  return /^[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i.test(host) && !/^[\d.]+$/.test(host);
}

/** The text that `parseListenPlace` reads as this place. */
export function formatListenPlace(place: ListenPlace): string {
  if (place.kind === 'unix') return `unix:${place.path}`;
  const { host, port } = place;
  return port === undefined ? host : `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** Whether only this machine can reach a place. A name other than `localhost` may stand for any address. */
export function isLocalPlace(place: ListenPlace): boolean {
  if (place.kind === 'unix') return true;
  return /^(localhost|127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/i.test(place.host);
}

/** Where plain HTTP may be spoken by TCP: nowhere, where only this machine can reach it, or everywhere. */
export type PlainHttp = 'no' | 'local' | 'everywhere';

/** Whether plain HTTP is spoken at a place, and HTTPS at all others. */
export function speaksPlainHttp(place: ListenPlace, insecureHttp: PlainHttp): boolean {
  return (
    place.kind === 'unix' ||
    insecureHttp === 'everywhere' ||
    (insecureHttp === 'local' && isLocalPlace(place))
  );
}
