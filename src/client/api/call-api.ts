import { pageFolder } from '../page-folder.ts';
import { sessionHeaders } from './session-key.ts';

/**
 * Longest wait for an answer, in ms. A call with a thousand new passwords takes half a minute. With a smaller value the
 * page gives up on a busy server; with a larger one the user waits longer for a server that does not answer.
 */
const ANSWER_TIMEOUT_MS = 60_000;

export type ApiMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One of several entries of a call that were refused. */
export interface RefusedEntry {
  readonly index: number;
  readonly user: string;
  readonly code: string;
}

/** A call that the server refused, or did not answer. `message` is for the user. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status. Undefined if the server did not answer. */
  readonly status: number | undefined;
  /** A code of docs/errors.md, such as `ACCOUNTS_USER_EXISTS`. Empty if the answer had none. */
  readonly code: string;
  /** What was wrong with each entry of a list. */
  readonly entries: readonly RefusedEntry[];

  constructor(
    message: string,
    status: number | undefined,
    code: string,
    options?: ErrorOptions & { readonly entries?: readonly RefusedEntry[] },
  ) {
    super(message, options);
    this.status = status;
    this.code = code;
    this.entries = options?.entries ?? [];
  }
}

/**
 * Calls the server's API with the login of this page, and returns the parsed JSON of the answer; undefined for an answer
 * without JSON. `path` is below `/api`, such as `/get_users` or `/viewers/ID`, encoded. `body` is sent as JSON. Rejects
 * with an ApiError, or with the reason of `signal`.
 */
export async function callApi<Answer = unknown>(
  method: ApiMethod,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await fetchApi(method, path, body, signal);
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return (isJson ? await response.json() : undefined) as Answer;
}

/** The same, but returns the answer as it is. */
export async function fetchApi(
  method: ApiMethod,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Response> {
  const baseUrl = pageFolder();
  const limit = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const response = await fetch(new URL(`api${path}`, baseUrl), {
    method,
    mode: 'same-origin',
    cache: 'no-store',
    headers: sessionHeaders(baseUrl),
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new ApiError('The server does not answer.', undefined, '', { cause });
  });
  if (!response.ok) throw await errorOf(response);
  return response;
}

async function errorOf(response: Response): Promise<ApiError> {
  const problem = ((await response.json().catch(() => undefined)) ?? {}) as {
    readonly detail?: unknown;
    readonly code?: unknown;
    readonly errors?: unknown;
  };
  const { detail, code, errors } = problem;
  const entries = Array.isArray(errors) ? (errors as RefusedEntry[]) : [];
  const message = typeof detail === 'string' ? detail : `HTTP ${response.status}`;
  return new ApiError(message, response.status, typeof code === 'string' ? code : '', { entries });
}
