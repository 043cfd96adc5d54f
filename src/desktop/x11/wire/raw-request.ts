import type { Callback, XClient } from 'x11';

/** Where a request has its length in words of four bytes. */
const LENGTH_AT = 2;

/** Sends a request that the package x11 lacks and that has no reply. Fills in its length. */
export function sendRaw(client: XClient, request: Buffer): void {
  put(client, request);
  client.pack_stream.submit();
}

/** Sends a request that the package x11 lacks. `done` gets its reply without the first 8 bytes. */
export function askRaw(client: XClient, request: Buffer, done: Callback<Buffer>): void {
  put(client, request);
  client.replies[client.seq_num] = [(reply) => reply, done];
  client.pack_stream.submit(true);
}

/**
 * Sends a request that the package x11 lacks and that is answered more than once. `onReply` gets each reply without its
 * first 8 bytes, and the second one of these.
 */
export function askRawOften(
  client: XClient,
  request: Buffer,
  onReply: (reply: Buffer, detail: number) => void,
): void {
  put(client, request);
  const answers: XClient['replies'][number] = [
    (reply, detail) => {
      // The package would keep all of them.
      answers[3] = undefined;
      onReply(reply, detail);
      return reply;
    },
    () => true,
    true,
  ];
  client.replies[client.seq_num] = answers;
  client.pack_stream.submit(true);
}

function put(client: XClient, request: Buffer): void {
  request.writeUInt16LE(request.length / 4, LENGTH_AT);
  client.seq_num++;
  client.pack_stream.put(request);
}
