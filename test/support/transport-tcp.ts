import { connect, type Socket } from 'node:net';
import type { Transport } from './transport.ts';

/** Connects to an RFB server's TCP port. */
export function connectTcp(port: number, host = '127.0.0.1'): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.pause();
      resolve(overSocket(socket));
    });
  });
}

function overSocket(socket: Socket): Transport {
  let reason = 'closed';
  let onClose: (reason: string) => void = () => {};
  socket.once('close', () => onClose(reason));
  socket.on('error', (error) => {
    reason = error.message;
  });
  return {
    send: (bytes) => void socket.write(bytes),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    onData: (listener) => {
      socket.removeAllListeners('data');
      socket.on('data', listener);
      socket.resume();
    },
    onClose: (listener) => {
      onClose = listener;
      if (socket.closed) queueMicrotask(() => onClose(reason));
    },
    close: () => void socket.end(),
    destroy: () => void socket.resetAndDestroy(),
  };
}
