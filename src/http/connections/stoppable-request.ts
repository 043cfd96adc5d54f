import type { IncomingMessage as IncomingMessageType } from 'node:http';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

// To import it would load undici as well, 3 MB, for the classes that this module hands on.
const { IncomingMessage } = createRequire(import.meta.url)('node:http') as typeof import('node:http');

const ASKS = Symbol('asks for an upgrade');
const STOPS = Symbol('stops the connection');

/** Whether this request is one too many. It came as an upgrade, and is not to be answered. */
export const isExcess = (request: IncomingMessageType): boolean =>
  (request as { [STOPS]?: boolean })[STOPS] === true;

/**
 * Creates a class of requests for a server. It has Node.js stop the parser at the first request of a connection that is
 * full, and hand that request on as an upgrade. Node.js has no other way to stop in what it has read: it would make
 * objects for all requests there, and an error with its stack for each when their connection ends. That took 100 ms
 * for 64 KiB.
 */
export function stoppableRequests(isFull: (socket: Socket) => boolean): typeof IncomingMessage {
  return class StoppableRequest extends IncomingMessage {
    declare [ASKS]: boolean | null;
    declare [STOPS]: boolean | undefined;

    get upgrade(): boolean | null {
      return this[STOPS] === true || this[ASKS];
    }

    /** Node.js sets null first, then what the headers say, and at last whether the server agrees. */
    set upgrade(asks: boolean | null) {
      if (asks !== null) this[STOPS] ??= isFull(this.socket);
      this[ASKS] = asks;
    }
  };
}
