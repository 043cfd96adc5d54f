import type { IncomingMessage } from 'node:http';
import { httpProblem } from '../problems/errors.ts';
import { sentText } from './sent-text.ts';

/**
 * The user's name in a header that a trusted proxy sets. Undefined if it has none, as with requests that the proxy lets
 * pass without a login. Throws a Problem if there are two of them: a proxy that adds its own to that of the caller would
 * let the caller choose.
 */
export function proxyUserName(
  { rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>,
  header: string,
): string | undefined {
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]!.toLowerCase() === header.toLowerCase()) values.push(rawHeaders[i + 1]!);
  if (values.length > 1)
    throw httpProblem(
      'HTTP_BAD_REQUEST',
      `There is more than one ${header}; the proxy must replace the caller's.`,
    );
  // Node.js reads the bytes of a header as Latin-1. Most proxies send names as UTF-8.
  const name = sentText(Buffer.from(values[0] ?? '', 'latin1')).trim();
  return name === '' ? undefined : name;
}
