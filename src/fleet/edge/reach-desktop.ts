import type { RequestOptions } from 'node:http';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { limitRunningTime } from '../../common/running-time-limit.ts';

/** Where the server of a desktop listens: at a Unix socket of this machine, or with TLS at its host. */
export type DesktopPlace =
  | { readonly kind: 'unix'; readonly path: string }
  | {
      readonly kind: 'tls';
      readonly host: string;
      readonly port: number;
      /** SHA-256 of the only certificate that is believed, as 64 hexadecimal digits. */
      readonly certificate: string;
    };

/**
 * Time in ms for a connection to another machine with its handshake. A larger value shows later that a host does not
 * answer; a smaller one gives up on a busy one.
 */
const CONNECT_LIMIT_MS = 5000;

/**
 * Connects with a desktop. Calls back once: with the connection, or with the reason why there is none. Nothing is sent
 * before the other side has shown the right certificate.
 */
export function reachDesktop(
  place: DesktopPlace,
  done: (error: Error | undefined, socket?: Socket) => void,
): Socket {
  if (place.kind === 'unix')
    return settle(connectPlain({ path: place.path }), 'connect', () => undefined, done);
  const { host, port, certificate } = place;
  // Its certificate is compared with the one that its host has told the store of, which is more than a chain proves.
  const socket = connectTls({ host, port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  socket.setNoDelay(true);
  return settle(socket, 'secureConnect', () => wrongCertificate(socket, certificate), done);
}

/** Has a request of `node:http` go to a desktop, by a connection of its own. */
export const toDesktop = (place: DesktopPlace): Pick<RequestOptions, 'createConnection'> => ({
  createConnection: (_options, connected) => {
    reachDesktop(place, (error, socket) => connected(error ?? null, socket!));
    return undefined;
  },
});

function settle(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  fault: () => Error | undefined,
  done: (error: Error | undefined, socket?: Socket) => void,
): Socket {
  const stopLimit = limitRunningTime(CONNECT_LIMIT_MS, () => socket.destroy(new Error('It takes too long.')));
  const end = (error?: Error): void => {
    stopLimit();
    socket.off('error', end).off('close', closed).off(event, connected);
    if (error !== undefined) socket.on('error', () => {}).destroy();
    done(error, socket);
  };
  const closed = (): void => end(new Error('The connection was closed.'));
  const connected = (): void => end(fault());
  return socket.once('error', end).once('close', closed).once(event, connected);
}

function wrongCertificate(socket: TLSSocket, expected: string): Error | undefined {
  const shown = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
  return shown === expected ? undefined : new Error(`It shows another certificate: ${shown ?? 'none'}.`);
}
