import { createClient } from '../../sdk/client.ts';
import { DeskwireError } from '../../sdk/errors.ts';
import type { ConnectOptions } from '../../sdk/options.ts';
import type { CallShape } from '../../sdk/request.ts';
import { UNTRUSTED } from '../../sdk/send.ts';
import { CliError } from '../errors.ts';

/** Time in ms that the server lets a call take: longer than the longest `wait`. */
const LIMIT_MS = 70_000;

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Calls the API of a fleet. */
export class FleetClient {
  /** Address of the fleet, with a slash at its end. */
  readonly url: string;
  readonly #options: ConnectOptions;

  constructor(options: ConnectOptions) {
    this.#options = options;
    this.url = `${String(options.url).replace(/\/*$/, '')}/`;
  }

  /**
   * Makes a call. `path` is below `/api/`, with its query, encoded. Resolves with parsed JSON, or a text. Throws
   * DeskwireError with the server's code, or CliError.
   */
  async call<Answer>(method: Method, path: string, body?: object): Promise<Answer> {
    const takes = body === undefined ? {} : ({ takes: Array.isArray(body) ? 'list' : 'object' } as const);
    const types = ['application/json', 'text/plain'];
    const shape: CallShape = {
      ...{ method, path: `api/${path}`, types, changes: method !== 'GET', limitMs: LIMIT_MS },
      ...takes,
    };
    const { call } = createClient({ call: shape }, this.#options) as {
      readonly call: (body?: object) => Promise<Answer>;
    };
    try {
      return await (body === undefined ? call() : call(body));
    } catch (error) {
      throw explained(error, this.url);
    }
  }
}

/** The library's remedy for a certificate is one for programs. */
function explained(error: unknown, url: string): unknown {
  if (!(error instanceof DeskwireError) || error.code !== 'SDK_UNREACHABLE') return error;
  const { cause } = error as { readonly cause?: { readonly code?: string; readonly message?: string } };
  if (cause?.code === undefined || !UNTRUSTED.includes(cause.code)) return error;
  return new CliError('CLI_UNTRUSTED', `The certificate of ${url} is not trusted: ${cause.message}.`);
}

/** Does something for each name, a few at a time: each call has its password checked. Resolves in their order. */
export async function forNames<Result>(
  names: readonly string[],
  act: (name: string) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < names.length; at += AT_A_TIME)
    results.push(...(await Promise.all(names.slice(at, at + AT_A_TIME).map(act))));
  return results;
}

/** Calls at a time. More wait for each other at the server, fewer make long lists slow. */
const AT_A_TIME = 8;
