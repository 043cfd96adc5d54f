import { ANSWER_HEADERS } from '../problems/answer-headers.ts';

/** First line of an RFB server (RFC 6143, 7.1.1). */
export const RFB_GREETING = 'RFB 003.008\n';
/** Bytes of a client's answer to it. */
export const RFB_VERSION_BYTES = 12;
/** From here on, a server offers a list of security types (RFC 6143, 7.1.2). Before, it decided for one of them. */
const FIRST_RFB_WITH_LIST = '003.007';

/** RFC 4253, 11.1. */
const SSH_MSG_DISCONNECT = 1;
const SSH_PROTOCOL_VERSION_NOT_SUPPORTED = 8;
/** A packet is a multiple of this, with four bytes of padding at least (RFC 4253, 6). */
const SSH_BLOCK_BYTES = 8;
const SSH_LEAST_PADDING = 4;

/** A fatal alert `handshake_failure` of TLS (RFC 8446, 6). */
export const TLS_ALERT = Buffer.of(0x15, 3, 1, 0, 2, 2, 40);

/** Characters of a path that a redirect keeps. A longer one is left out. */
const MAX_PATH = 2048;
/** RFC 3986, 3.2.2 and 3.2.3. */
const HOST = /^(?:\[[\da-f:.]+\]|[a-z\d._-]+)(?::\d{1,5})?$/i;

/** Ends an RFB connection with a reason that the viewer shows (RFC 6143, 7.1.2). `version` is the client's. */
export function rfbRefusal(version: string, reason: string): Buffer {
  const text = Buffer.from(reason);
  const hasList = version.slice(4, 11) >= FIRST_RFB_WITH_LIST;
  const head = Buffer.alloc(hasList ? 5 : 8);
  head.writeUInt32BE(text.length, head.length - 4);
  return Buffer.concat([head, text]);
}

/** Ends an SSH connection with a reason that the client shows: the server's version, then a message to disconnect. */
export function sshRefusal(reason: string): Buffer {
  const text = Buffer.from(reason);
  const payload = Buffer.alloc(1 + 4 + 4 + text.length + 4);
  payload.writeUInt8(SSH_MSG_DISCONNECT, 0);
  payload.writeUInt32BE(SSH_PROTOCOL_VERSION_NOT_SUPPORTED, 1);
  payload.writeUInt32BE(text.length, 5);
  text.copy(payload, 9);
  const unpadded = 4 + 1 + payload.length + SSH_LEAST_PADDING;
  const padding = SSH_LEAST_PADDING + ((SSH_BLOCK_BYTES - (unpadded % SSH_BLOCK_BYTES)) % SSH_BLOCK_BYTES);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + padding, 0);
  head.writeUInt8(padding, 4);
  return Buffer.concat([Buffer.from('SSH-2.0-Deskwire\r\n'), head, payload, Buffer.alloc(padding)]);
}

/**
 * Answers a request by plain HTTP at a port that speaks HTTPS. A browser is sent to the same address by HTTPS; other
 * methods get a sentence, because what they send would be sent openly again. `here` is the port's own address.
 */
export function httpsOnly(head: string, here: string): string {
  const [, method, path] =
    /^(GET|HEAD) (\/[\x21-\x7e]*) HTTP\/1\.[01]\r?$/m.exec(head.split('\n', 1)[0] ?? '') ?? [];
  const host = /^host:[ \t]*(\S+)[ \t]*\r?$/im.exec(head)?.[1];
  const known = host !== undefined && HOST.test(host) ? host : undefined;
  const body = `This port speaks HTTPS. Use https://${known ?? here}/ instead.\n`;
  const canFollow = method !== undefined && known !== undefined && path!.length <= MAX_PATH;
  const lines = [
    canFollow ? 'HTTP/1.1 307 Temporary Redirect' : 'HTTP/1.1 400 Bad Request',
    ...(canFollow ? [`Location: https://${known}${path!}`] : []),
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    ...Object.entries(ANSWER_HEADERS).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${method === 'HEAD' ? '' : body}`;
}
