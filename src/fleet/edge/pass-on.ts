import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { limitRunningTime } from '../../common/running-time-limit.ts';
import { endWith } from '../../http/problems/problems.ts';
import { fleetProblem } from '../store/errors.ts';
import { answeredHeaders } from './passed-headers.ts';
import { type DesktopPlace, reachDesktop, toDesktop } from './reach-desktop.ts';

/** Where a request goes, and as what. */
export interface Destination {
  readonly place: DesktopPlace;
  /** Path and query below the desktop's own root. */
  readonly url: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

/**
 * Passes a call on to a desktop, and its answer back, as they come: each side is read only as fast as the other one
 * takes it. Resolves when the answer is on its way. Rejects if the desktop does not answer. `signal` cuts it off.
 */
export async function passCall(
  asked: IncomingMessage,
  reply: FastifyReply,
  { place, url, headers }: Destination,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // Asked to close the connection, the desktop may do so before the end of the request is written, whose failure would
  // then hide the answer.
  const passed = request({
    ...{ path: url, method: asked.method, signal, setHost: false, ...toDesktop(place) },
    headers: [...headers, 'Connection', 'keep-alive'],
  });
  passed.once('response', resolve).on('error', reject);
  asked.pipe(passed);
  let answer: IncomingMessage;
  try {
    answer = await promise;
  } catch (cause) {
    signal.throwIfAborted();
    throw fleetProblem('FLEET_DESKTOP_SILENT', undefined, { cause });
  }
  // An answer that breaks off must not look like a whole one.
  answer.once('error', () => reply.raw.destroy()).once('close', () => passed.destroy());
  reply.hijack();
  const close = reply.getHeader('connection') === 'close' ? ['Connection', 'close'] : [];
  reply.raw.writeHead(answer.statusCode!, [...answeredHeaders(answer.rawHeaders), ...close]);
  answer.pipe(reply.raw);
}

export interface TunnelOptions extends Destination {
  /** Time in ms for the handshake. */
  readonly handshakeMs: number;
  /** The tunnel has ended. */
  readonly onEnd: () => void;
}

/**
 * Connects a viewer's connection with a desktop. The upgrade is passed on as a request, and its answer and all bytes
 * after it as they are. Each side is read only as fast as the other one takes it. Returns a function that ends the
 * tunnel.
 */
export function openTunnel(
  asked: IncomingMessage,
  viewer: Duplex,
  head: Buffer,
  { place, url, headers, handshakeMs, onEnd }: TunnelOptions,
): () => void {
  let hasAnswered = false;
  let hasEnded = false;
  const ended = (): void => {
    stopLimit();
    if (!hasEnded) onEnd();
    hasEnded = true;
  };
  const end = (): void => {
    viewer.destroy();
    desktop.destroy();
  };
  const silent = (): void => {
    if (!hasAnswered && viewer.writable) endWith(viewer, fleetProblem('FLEET_DESKTOP_SILENT'));
  };
  const stopLimit = limitRunningTime(handshakeMs, end);
  const desktop = reachDesktop(place, (error) => {
    if (error !== undefined) return silent();
    desktop.once('data', () => {
      hasAnswered = true;
      stopLimit();
    });
    desktop.on('error', silent);
    desktop.write(requestHead(asked, url, headers));
    if (head.length > 0) desktop.write(head);
    viewer.pipe(desktop);
    desktop.pipe(viewer);
  });
  viewer.on('error', end);
  for (const side of [viewer, desktop])
    side.once('close', () => {
      if (side === viewer || hasAnswered) end();
      ended();
    });
  (viewer as Socket).setTimeout(0);
  return end;
}

/** Writes a request for an upgrade. Node.js reads headers as Latin-1. */
function requestHead({ method }: IncomingMessage, url: string, headers: readonly string[]): Buffer {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  lines.push('Upgrade: websocket', 'Connection: Upgrade');
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
