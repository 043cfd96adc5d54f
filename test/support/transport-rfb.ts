import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Transport } from './transport.ts';

/** A user's name and password, or a VNC password. */
type RfbLogin = { readonly name: string; readonly password: string } | { readonly vncPassword: string };

export interface RfbTarget {
  /** At 127.0.0.1. */
  readonly port?: number;
  /** Of a Unix socket. */
  readonly path?: string;
  /** PEM certificate that the server must prove. Without it, the name and the password are sent without TLS. */
  readonly ca?: string;
  readonly login: RfbLogin;
  /** RFB 3.3 to 3.8. Default: 8. */
  readonly minor?: 3 | 7 | 8;
}

/** The server refused the login, with this reason. */
export class LoginRefused extends Error {}

const VNC = 2;
const VENCRYPT = 19;
const PLAIN = 256;
const X509_PLAIN = 262;

/**
 * Connects to an RFB port and logs in, by VeNCrypt or VNC authentication. The transport then behaves as if the server
 * had offered security type None in RFB 3.8, so that the usual handshake follows. Rejects with LoginRefused.
 */
export async function connectRfb(target: RfbTarget): Promise<Transport> {
  const { path, port, minor = 8 } = target;
  const socket =
    path === undefined
      ? connectSocket({ port: port!, host: '127.0.0.1', noDelay: true })
      : connectSocket(path);
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  try {
    return await logIn(socket, target, minor);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function logIn(socket: Socket, { ca, login }: RfbTarget, minor: number): Promise<Transport> {
  let stream: Socket = socket;
  const version = (await read(stream, 12)).toString();
  if (version !== 'RFB 003.008\n') throw new Error(`The server begins with ${JSON.stringify(version)}.`);
  stream.write(`RFB 003.00${minor}\n`);
  const offered = minor === 3 ? [(await read(stream, 4)).readUInt32BE()] : await list(stream, 1, 1);
  if (offered.length === 0 || offered[0] === 0) throw new LoginRefused(await reason(stream));
  const type = 'name' in login ? VENCRYPT : VNC;
  if (!offered.includes(type)) throw new LoginRefused(`The server offers the types ${offered}.`);
  if (minor !== 3) stream.write(Uint8Array.of(type));
  if ('name' in login) {
    const serverVersion = await read(stream, 2);
    if (serverVersion.readUInt16BE() !== 2) throw new Error('The server has another version of VeNCrypt.');
    stream.write(Uint8Array.of(0, 2));
    if ((await read(stream, 1))[0] !== 0)
      throw new LoginRefused('The server refuses version 0.2 of VeNCrypt.');
    const subtypes = await list(stream, 1, 4);
    const subtype = ca === undefined ? PLAIN : X509_PLAIN;
    if (!subtypes.includes(subtype)) throw new LoginRefused(`The server offers the subtypes ${subtypes}.`);
    stream.write(u32(subtype));
    if (ca !== undefined) {
      if ((await read(stream, 1))[0] !== 1) throw new LoginRefused('The server refuses TLS.');
      stream = connectTls({ socket, ca, servername: 'localhost' });
      await once(stream, 'secureConnect');
      stream.on('error', () => undefined);
    }
    const [name, password] = [Buffer.from(login.name), Buffer.from(login.password)];
    stream.write(Buffer.concat([u32(name.length), u32(password.length), name, password]));
  } else {
    stream.write(vncResponse(login.vncPassword, await read(stream, 16)));
  }
  if ((await read(stream, 4)).readUInt32BE() !== 0) {
    throw new LoginRefused(minor === 8 ? await reason(stream) : 'no reason');
  }
  return asUnsecured(stream);
}

/** DES with the password as its key, each of whose bytes has its bits in the other order: RFC 6143, 7.2.2. */
function vncResponse(password: string, challenge: Buffer): Buffer {
  const key = Buffer.alloc(8);
  Buffer.from(password, 'latin1').copy(key);
  for (let i = 0; i < 8; i++) {
    key[i] = Number.parseInt([...key[i]!.toString(2).padStart(8, '0')].toReversed().join(''), 2);
  }
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(challenge), cipher.final()]);
}

async function read(stream: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes = stream.read(length) as Buffer | null;
    if (bytes?.length === length) return bytes;
    if (stream.readableEnded || stream.destroyed) throw new LoginRefused('The server closed the connection.');
    await Promise.race(['readable', 'end', 'close'].map((event) => once(stream, event)));
  }
}

async function list(stream: Socket, countBytes: number, bytes: number): Promise<number[]> {
  const count = (await read(stream, countBytes)).readUIntBE(0, countBytes);
  const all = count === 0 ? Buffer.alloc(0) : await read(stream, count * bytes);
  return Array.from({ length: count }, (_, i) => all.readUIntBE(i * bytes, bytes));
}

async function reason(stream: Socket): Promise<string> {
  const length = (await read(stream, 4)).readUInt32BE();
  return (await read(stream, length)).toString();
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const VERSION_AND_NONE = Buffer.from('RFB 003.008\n\x01\x01\0\0\0\0', 'latin1');
/** Bytes that the viewer answers to those: its version and its choice. */
const ANSWER_BYTES = 13;

function asUnsecured(stream: Socket): Transport {
  let closeReason = 'closed';
  let onClose: (reason: string) => void = () => {};
  let toSwallow = ANSWER_BYTES;
  let isBegun = false;
  stream.once('close', () => onClose(closeReason));
  stream.on('error', (error) => {
    closeReason = error.message;
  });
  return {
    send: (bytes) => {
      const rest = bytes.subarray(toSwallow);
      toSwallow = Math.max(0, toSwallow - bytes.length);
      if (rest.length > 0) stream.write(rest);
    },
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    onData: (listener) => {
      stream.removeAllListeners('data');
      if (!isBegun) listener(VERSION_AND_NONE);
      isBegun = true;
      stream.on('data', listener);
      stream.resume();
    },
    onClose: (listener) => {
      onClose = listener;
      if (stream.closed) queueMicrotask(() => onClose(closeReason));
    },
    close: () => void stream.end(),
    destroy: () => void stream.destroy(),
  };
}
