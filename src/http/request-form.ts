import type { IncomingMessage } from 'node:http';
import { httpProblem, type Problem } from './problems/errors.ts';

/** RFC 3986, 3.2.2 and 3.2.3, without commas: proxies write one between the values of two `Host` headers. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+;=%-]*)(?::\d*)?$/i;

/**
 * Headers of a request. Browsers behind proxies send 30. A larger number costs more time for each request, a smaller one
 * refuses callers behind proxies that add many. Above 1,000, Node.js would leave out some without a sign.
 */
const MAX_HEADERS = 100;

/** The parts of a request that tell where it goes and where it ends. */
type RequestHead = Pick<IncomingMessage, 'rawHeaders' | 'httpVersion'>;

/**
 * The reason why a request is refused that Node.js would serve although it is ambiguous: a proxy in front of the server
 * may read another host or another end from it (RFC 9112, 3.2 and 6.1). The connection must be closed after the answer.
 */
export function formProblem(request: RequestHead): Problem | undefined {
  // In `rawHeaders`, each header has a name and a value.
  if (request.rawHeaders.length > 2 * MAX_HEADERS) return refused('HTTP_HEADERS_TOO_LARGE');
  const hosts = valuesOf(request, 'host');
  if (hosts.length > 1) return refused('HTTP_BAD_REQUEST', 'The request has more than one Host header.');
  const [host] = hosts;
  if (host === undefined && request.httpVersion !== '1.0')
    return refused('HTTP_BAD_REQUEST', 'The request has no Host header.');
  if (host !== undefined && !HOST.test(host))
    return refused('HTTP_BAD_REQUEST', 'The Host header is not a host with an optional port.');
  // Of two logins, a proxy may check another one than this server.
  if (valuesOf(request, 'authorization').length > 1)
    return refused('HTTP_BAD_REQUEST', 'The request has more than one Authorization header.');

  const codings = valuesOf(request, 'transfer-encoding');
  if (codings.length === 0) return undefined;
  if (request.httpVersion === '1.0')
    return refused('HTTP_BAD_REQUEST', 'A request of HTTP/1.0 has no transfer coding.');
  const isChunked = codings.length === 1 && codings[0]!.toLowerCase() === 'chunked';
  return isChunked ? undefined : refused('HTTP_TRANSFER_CODING');
}

function refused(
  code: 'HTTP_BAD_REQUEST' | 'HTTP_HEADERS_TOO_LARGE' | 'HTTP_TRANSFER_CODING',
  detail?: string,
): Problem {
  return httpProblem(code, detail, { headers: { Connection: 'close' } });
}

/** All values of a header, one for each time that it is there. */
function valuesOf({ rawHeaders }: RequestHead, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]!.toLowerCase() === name) values.push(rawHeaders[i + 1]!.trim());
  return values;
}
