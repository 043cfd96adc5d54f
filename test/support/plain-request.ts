import { type IncomingHttpHeaders, request } from 'node:http';

export interface PlainAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Where plain HTTP is spoken. */
export type PlainPlace = { readonly socketPath: string } | { readonly host: string; readonly port: number };

const TIMEOUT_MS = 20_000;

/** Sends one request by plain HTTP, over a connection of its own. Rejects if there is no answer. */
export function plainRequest(
  place: PlainPlace,
  path: string,
  {
    body: sent,
    ...options
  }: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string | string[]>>;
    readonly body?: string;
  } = {},
): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...place, path, agent: false, ...options }, (incoming) => {
      let body = '';
      incoming.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }),
      );
    });
    outgoing.setTimeout(TIMEOUT_MS, () => outgoing.destroy(new Error(`No answer from ${path}`)));
    outgoing.on('error', reject);
    outgoing.end(sent);
  });
}
