import type { XConnection } from './connection.ts';
import { askRawOften, sendRaw } from './raw-request.ts';

/** Core requests that are recorded. */
export const SEND_EVENT = 25;
export const GET_KEYBOARD_MAPPING = 101;
const CORE = [SEND_EVENT, GET_KEYBOARD_MAPPING] as const;

// Requests of the extension RECORD, and their parts used here (RECORD protocol, "Encoding").
const CREATE_CONTEXT = 1;
const CREATE_CONTEXT_BYTES = 20;
const ENABLE_CONTEXT = 5;
const ALL_CLIENTS = 3;
const RANGE_BYTES = 24;
const FROM_CLIENT = 1;
const CLIENT_DIED = 3;
/** Place in a range of the flag that the end of programs is recorded. */
const DIED_AT = 23;
/** Places in a recorded reply, whose first 8 bytes are missing. */
const CLIENT_AT = 4;
const REQUESTS_AT = 24;

export interface RecordedRequest {
  /** The client's base of ids. */
  readonly client: number;
  /** Valid during the call. */
  readonly bytes: Buffer;
}

export interface RecordListeners {
  request(request: RecordedRequest): void;
  /** A program has ended, by its base of ids. */
  ended(client: number): void;
}

/**
 * Records the core requests above and one of an extension, of all clients, and the end of each client. The connection can
 * be used for nothing else from then on. Rejects if the server does not offer that.
 */
export async function recordRequests(
  x: XConnection,
  extra: { readonly opcode: number; readonly minor: number },
  listeners: RecordListeners,
): Promise<void> {
  const { client } = x;
  const { present, majorOpcode } = await x.request<{ present: number; majorOpcode: number }>((_, done) =>
    client.QueryExtension('RECORD', done),
  );
  if (!present) throw new Error('The X server has no RECORD extension.');
  const context = client.AllocID();
  sendRaw(client, createContext(majorOpcode, context, extra));
  await x.sync();
  const enable = Buffer.alloc(8);
  enable.writeUInt8(majorOpcode, 0);
  enable.writeUInt8(ENABLE_CONTEXT, 1);
  enable.writeUInt32LE(context, 4);
  await new Promise<void>((resolve) => {
    askRawOften(client, enable, (reply, category) => {
      // The first reply says that recording has begun.
      resolve();
      if (category === FROM_CLIENT) readRequests(reply, listeners);
      else if (category === CLIENT_DIED) listeners.ended(reply.readUInt32LE(CLIENT_AT));
    });
    void x.ended.then(() => resolve());
  });
}

function createContext(
  opcode: number,
  context: number,
  extra: { readonly opcode: number; readonly minor: number },
): Buffer {
  const ranges = CORE.length + 1;
  const request = Buffer.alloc(CREATE_CONTEXT_BYTES + 4 + ranges * RANGE_BYTES);
  request.writeUInt8(opcode, 0);
  request.writeUInt8(CREATE_CONTEXT, 1);
  request.writeUInt32LE(context, 4);
  request.writeUInt32LE(1, 12);
  request.writeUInt32LE(ranges, 16);
  request.writeUInt32LE(ALL_CLIENTS, CREATE_CONTEXT_BYTES);
  let at = CREATE_CONTEXT_BYTES + 4;
  for (const core of CORE) {
    request.writeUInt8(core, at);
    request.writeUInt8(core, at + 1);
    at += RANGE_BYTES;
  }
  request.writeUInt8(extra.opcode, at + 4);
  request.writeUInt8(extra.opcode, at + 5);
  request.writeUInt16LE(extra.minor, at + 6);
  request.writeUInt16LE(extra.minor, at + 8);
  request.writeUInt8(1, at + DIED_AT);
  return request;
}

/** Requests of one client, one after the other. */
function readRequests(reply: Buffer, listeners: RecordListeners): void {
  const client = reply.readUInt32LE(CLIENT_AT);
  for (let at = REQUESTS_AT; at + 8 <= reply.length; ) {
    const bytes = Math.max(4, reply.readUInt16LE(at + 2) * 4);
    listeners.request({ client, bytes: reply.subarray(at, at + bytes) });
    at += bytes;
  }
}
