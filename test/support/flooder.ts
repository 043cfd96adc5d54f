import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { serveParent } from '../../bench/ipc.ts';
import type { WebSocketTarget } from './transport-websocket.ts';

/** Bytes that may wait in the flooder's own socket: enough to keep the connection full. */
const MOST_BUFFERED_BYTES = 512 * 1024;

export interface Flood {
  readonly target: WebSocketTarget;
  /** First bytes of each connection, behind the handshake. */
  readonly opening: Uint8Array;
  /** Whole messages, sent in turn again and again. */
  readonly messages: readonly Uint8Array[];
  /** Bytes of each WebSocket message. RFB messages are put together or cut to that length. */
  readonly pieceBytes: number;
  /** The messages are WebSocket frames, each piece of which is written to the socket as it is. */
  readonly areFrames?: boolean;
  readonly ms: number;
  /** One connection for each of these: whether it reads what the server sends. */
  readonly connections: readonly { readonly reads: boolean }[];
}

export interface FloodResult {
  readonly sentBytes: number;
  /** Why the server ended connections before the flood was over. */
  readonly closed: readonly string[];
}

export interface FlooderCalls {
  /** Connects, floods the server for that long, and disconnects. */
  flood(flood: Flood): Promise<FloodResult>;
}

const HANDSHAKE = Buffer.from('RFB 003.008\n\x01\x01', 'latin1');

/** A process of its own, so that making a flood does not delay the process that measures its effects. */
serveParent<FlooderCalls>({
  async flood({ target, opening, messages, pieceBytes, areFrames, ms, connections }) {
    const pieces = cut(messages, pieceBytes);
    const endMs = performance.now() + ms;
    const results = await Promise.all(
      connections.map(({ reads }) => floodOne(target, opening, pieces, areFrames ?? false, endMs, reads)),
    );
    return {
      sentBytes: results.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
      closed: results.flatMap(({ closed }) => (closed === undefined ? [] : [closed])),
    };
  },
});

async function floodOne(
  target: WebSocketTarget,
  opening: Uint8Array,
  pieces: readonly Uint8Array[],
  areFrames: boolean,
  endMs: number,
  reads: boolean,
): Promise<{ sentBytes: number; closed: string | undefined }> {
  const { socket, carrier } = await open(target);
  let closed: string | undefined;
  socket.on('close', (code, reason) => {
    closed ??= `${code} ${reason}`;
  });
  socket.on('error', (error) => {
    closed ??= error.message;
  });
  socket.send(Buffer.concat([HANDSHAKE, opening]));
  if (!reads) socket.pause();
  let sentBytes = 0;
  for (let at = 0; performance.now() < endMs && closed === undefined; ) {
    for (let sent = 0; socket.bufferedAmount < MOST_BUFFERED_BYTES && sent < 1000; sent++) {
      const piece = pieces[at % pieces.length]!;
      if (areFrames) carrier.write(piece);
      else socket.send(piece);
      sentBytes += piece.length;
      at++;
    }
    // A busy loop would take a core from the server.
    await sleep(1);
  }
  const early = closed;
  socket.removeAllListeners('close');
  socket.terminate();
  return { sentBytes, closed: early };
}

async function open({ url, ca, user }: WebSocketTarget): Promise<{ socket: WebSocket; carrier: Socket }> {
  const address = new URL('/websockify', url);
  address.protocol = 'wss:';
  const authorization = `Basic ${Buffer.from(`${user!.name}:${user!.password}`).toString('base64')}`;
  const socket = new WebSocket(address, 'binary', { ca, headers: { authorization } });
  const upgraded = once(socket, 'upgrade');
  await once(socket, 'open');
  const [response] = await upgraded;
  return { socket, carrier: response.socket };
}

/** The bytes of many rounds of the messages in pieces of that length, so that the pieces can be repeated for ever. */
function cut(messages: readonly Uint8Array[], pieceBytes: number): Uint8Array[] {
  const round = Buffer.concat(messages);
  const rounds = Math.max(1, Math.floor(pieceBytes / round.length));
  const all = Buffer.concat(Array.from({ length: rounds }, () => round));
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += pieceBytes) pieces.push(all.subarray(at, at + pieceBytes));
  return pieces;
}
