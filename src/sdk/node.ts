import type { IncomingMessage } from 'node:http';
import { Agent, type AgentOptions, request } from 'node:https';
import { Readable } from 'node:stream';
import type { Fetch } from './options.ts';

/** Statuses whose answers have no body. */
const BODILESS = [204, 205, 304];

/**
 * A `fetch` for `connect` whose TLS has options, which Node's own lacks: `ca` trusts the certificate that the server has
 * made itself, `cert` and `key` prove the client to a proxy. Keeps connections open between calls; they do not keep the
 * process running.
 */
export function nodeFetch(options: AgentOptions): Fetch {
  const agent = new Agent({ keepAlive: true, ...options });
  return async (url, { method, headers, body, signal }) => {
    const bytes = body instanceof Blob ? new Uint8Array(await body.arrayBuffer()) : (body as Body);
    return new Promise((resolve, reject) => {
      // Node.js sends no length of its own with a DELETE.
      const length = bytes === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(bytes)) };
      const own = { ...(headers as Record<string, string>), ...length };
      const sent = { agent, method, headers: own, ...(signal && { signal }) };
      const outgoing = request(url, sent, (incoming) => {
        try {
          resolve(responseOf(incoming));
        } catch (error) {
          outgoing.destroy(error as Error);
        }
      });
      outgoing.on('error', reject);
      outgoing.end(bytes);
    });
  };
}

/** What `connect` gives as a body, apart from a Blob. */
type Body = string | Uint8Array | undefined;

/** The answer as `fetch` has it. Throws if it is a redirection. */
function responseOf(incoming: IncomingMessage): Response {
  const { statusCode: status = 0, rawHeaders } = incoming;
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
  // 201 has an address, too.
  if (status >= 300 && status < 400 && headers.has('location'))
    throw new Error(`the server redirects to ${headers.get('location')}`);
  if (BODILESS.includes(status)) {
    incoming.resume();
    return new Response(null, { status, headers });
  }
  // Two declarations of one class: Node's own, and that of browsers.
  const stream = Readable.toWeb(incoming) as unknown as ReadableStream;
  return new Response(stream, { status, headers });
}
