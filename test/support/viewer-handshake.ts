import { ByteQueue } from '../../src/protocol/byte-queue.ts';
import { ClientHandshake, type ServerInit } from '../../src/protocol/handshake.ts';
import type { Transport } from './transport.ts';

const LIMIT_MS = 15_000;

/** Result of a handshake: what the server announced, and the bytes that came behind it. */
export interface Shaken {
  readonly init: ServerInit;
  readonly queue: ByteQueue;
}

/**
 * Performs the handshake on a transport without listeners. The caller must set the transport's listeners as soon as
 * this resolves. Rejects, and ends the transport, if the server refuses or sends nonsense.
 */
export function shakeHands(transport: Transport): Promise<Shaken> {
  const queue = new ByteQueue();
  const handshake = new ClientHandshake();
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      clearTimeout(timer);
      transport.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error('No handshake.')), LIMIT_MS);
    transport.onClose((reason) => fail(new Error(`Closed during the handshake: ${reason}`)));
    transport.onData((bytes) => {
      queue.push(bytes);
      try {
        const { send, init } = handshake.advance(queue);
        for (const part of send) transport.send(part);
        if (!init) return;
        clearTimeout(timer);
        resolve({ init, queue });
      } catch (error) {
        fail(error as Error);
      }
    });
  });
}
