import { createRequire } from 'node:module';
import { ANSWER_HEADERS } from './answer-headers.ts';

// To import it would load undici as well, 3 MB, for the classes that this module hands on.
const { STATUS_CODES } = createRequire(import.meta.url)('node:http') as typeof import('node:http');

/** The meaning of a code: one sentence, and the HTTP status if it is an answer. */
export interface ErrorEntry {
  readonly status?: number;
  readonly title: string;
}

/** Every error code of the HTTP server. Codes without a status end a connection or stop the start. */
export const HTTP_ERRORS = {
  HTTP_BAD_REQUEST: { status: 400, title: 'The request is not well-formed HTTP.' },
  HTTP_LOGIN_NEEDED: { status: 401, title: 'A user name and its password are needed.' },
  HTTP_TOKEN_INVALID: { status: 401, title: 'The token is unknown, has expired or was revoked.' },
  HTTP_TICKET_INVALID: { status: 401, title: 'The ticket is unknown, used up, expired or was revoked.' },
  HTTP_SCOPE_MISSING: { status: 403, title: 'The token lacks the scope for this.' },
  HTTP_NOT_OWNER: { status: 403, title: 'Only an owner may do this.' },
  HTTP_FOREIGN_PAGE: { status: 403, title: 'A page of another site may not do this.' },
  HTTP_NAVIGATION: { status: 403, title: 'A link, a form, the address bar or a prefetch may not do this.' },
  HTTP_UNKNOWN_USER: { status: 403, title: 'The user whom the proxy names has no account here.' },
  HTTP_NOT_BY_EDGE: { status: 403, title: 'This desktop of a fleet answers only its edge.' },
  HTTP_EDGE_BEHIND: {
    status: 503,
    title: 'The edge has not heard yet of a change of this user’s rights. Try again.',
  },
  HTTP_NO_READ: { status: 403, title: 'This user may not see the desktop.' },
  HTTP_NOT_FOUND: { status: 404, title: 'Nothing has this address.' },
  HTTP_METHOD: { status: 405, title: 'This address does not take this method.' },
  HTTP_BODY_TOO_LARGE: { status: 400, title: 'The body is too large.' },
  HTTP_EXPECTATION: { status: 417, title: 'The only expectation that is met here is 100-continue.' },
  HTTP_UPGRADE_NEEDED: { status: 426, title: 'This address speaks WebSocket.' },
  HTTP_TOO_MANY_LOGINS: { status: 401, title: 'Too many wrong passwords; wait a moment.' },
  HTTP_REQUEST_TIMED_OUT: { status: 408, title: 'The request did not arrive in time.' },
  HTTP_LOGIN_TIMED_OUT: { status: 503, title: 'Checking the password took too long.' },
  HTTP_HEADERS_TOO_LARGE: { status: 431, title: 'The request headers are too large.' },
  HTTP_TRANSFER_CODING: { status: 501, title: 'The only transfer coding known here is chunked, once.' },
  HTTP_CONNECTIONS_FULL: { status: 503, title: 'The server has as many connections as it takes.' },
  HTTP_ADDRESS_CONNECTIONS_FULL: {
    status: 429,
    title: 'This address has as many connections as one address may have.',
  },
  HTTP_MEMORY_SHORT: { status: 503, title: 'Memory runs out, so new connections are refused.' },
  HTTP_VIEWERS_FULL: { status: 503, title: 'The desktop has as many viewers as it takes.' },
  HTTP_USER_VIEWERS_FULL: { status: 429, title: 'This user has as many viewers as one user may have.' },
  HTTP_ADDRESS_VIEWERS_FULL: {
    status: 429,
    title: 'This address has as many viewers as one address may have.',
  },
  HTTP_INTERNAL: { status: 500, title: 'The server failed. Its log has the reason.' },
  HTTP_CLOSING: { status: 503, title: 'The server is stopping.' },
  HTTP_HANDSHAKE_TIMED_OUT: {
    title: 'A connection did not finish its TLS handshake, or begin at all, in time.',
  },
  HTTP_OTHER_PROTOCOL: { title: 'A connection speaks another protocol than this port.' },
  HTTP_HALF_OPEN_FULL: { title: 'Too many connections had not finished their TLS handshake.' },
  HTTP_ADDRESS_HALF_OPEN_FULL: {
    title: 'Too many connections of one address had not finished their TLS handshake.',
  },
  HTTP_ADDRESS_CONNECTS_OFTEN: { title: 'One address connects more often than an address may.' },
  HTTP_PIPELINE_FULL: { title: 'A connection sent too many requests before the first was answered.' },
  HTTP_DESCRIPTORS_SHORT: { title: 'File descriptors run out, so new connections are refused.' },
  HTTP_PORT_BUSY: { title: 'Another program listens on this port.' },
  HTTP_PORT_DENIED: { title: 'This account may not listen on this port.' },
  HTTP_BAD_ADDRESS: { title: 'This machine has no such address to listen on.' },
  HTTP_LISTEN_FAILED: { title: 'The server could not listen.' },
  HTTP_BAD_PROXY: { title: 'A trusted proxy is neither an address nor a network.' },
  HTTP_BAD_ORIGIN: { title: 'An allowed origin is not an origin.' },
  HTTP_CERT_UNREADABLE: { title: 'The certificate or its key cannot be read.' },
  HTTP_CERT_INVALID: { title: 'The certificate or its key is not valid PEM.' },
  HTTP_CERT_MISMATCH: { title: 'The key does not belong to the certificate.' },
  HTTP_CERT_UNWRITABLE: { title: 'The certificate cannot be kept in the data folder.' },
} as const satisfies Record<string, ErrorEntry>;

export type HttpErrorCode = keyof typeof HTTP_ERRORS;

/** The server cannot start. `message` has the remedy. */
export class HttpStartError extends Error {
  readonly code: HttpErrorCode;

  constructor(code: HttpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpStartError';
    this.code = code;
  }
}

/** The reason why one entry of a bulk call was refused. */
export interface EntryProblem {
  readonly index: number;
  readonly user: string | undefined;
  readonly code: string;
  readonly detail: string;
}

export interface ProblemOptions extends ErrorOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly EntryProblem[];
}

/** A refusal for a caller. `detail` is text for people and must have neither a password nor a path of the server. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly EntryProblem[] | undefined;

  constructor(code: string, entry: ErrorEntry, detail?: string, options: ProblemOptions = {}) {
    super(detail ?? entry.title, options);
    this.name = 'Problem';
    this.code = code;
    this.status = entry.status ?? 500;
    this.title = entry.title;
    this.detail = detail ?? entry.title;
    this.headers = options.headers ?? {};
    this.errors = options.errors;
  }
}

export function httpProblem(code: HttpErrorCode, detail?: string, options?: ProblemOptions): Problem {
  return new Problem(code, HTTP_ERRORS[code], detail, options);
}

export const PROBLEM_TYPE = 'application/problem+json';

/** Formats the body of a refusal (RFC 9457). */
export function problemBody(problem: Problem): string {
  return JSON.stringify({
    type: `urn:deskwire:error:${problem.code}`,
    title: problem.title,
    status: problem.status,
    detail: problem.detail,
    code: problem.code,
    errors: problem.errors,
  });
}

/** Formats a whole answer, for sockets without a response object: a refused upgrade, or bytes that are no request. */
export function rawProblem(problem: Problem): string {
  const body = problemBody(problem);
  const lines = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries({ ...ANSWER_HEADERS, ...problem.headers, Connection: 'close' }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
