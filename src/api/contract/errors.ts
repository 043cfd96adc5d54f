import { type ErrorEntry, Problem, type ProblemOptions } from '../../http/problems/errors.ts';

/** Every error code of the API itself. Refusals by accounts, session and http keep their own codes. */
export const API_ERRORS = {
  API_PARAMETER_UNKNOWN: { status: 400, title: 'The call has no such parameter.' },
  API_PARAMETER_REPEATED: { status: 400, title: 'A parameter is given more than once.' },
  API_PARAMETER_MISSING: { status: 400, title: 'A parameter is missing.' },
  API_PARAMETER_INVALID: { status: 400, title: 'The value of a parameter is invalid.' },
  API_QUERY_INVALID: { status: 400, title: 'The query is not percent-encoded UTF-8.' },
  API_NOTHING_TO_CHANGE: { status: 400, title: 'The call gives nothing to change.' },
  API_BODY_NOT_JSON: { status: 400, title: 'The body is not JSON.' },
  API_BODY_NOT_LIST: { status: 400, title: 'The body is not a list of users.' },
  API_BODY_NOT_OBJECT: { status: 400, title: 'The body is not a JSON object.' },
  API_TOO_MANY_USERS: { status: 400, title: 'A call takes at most 1000 users.' },
  API_LIST_LENGTH: { status: 400, title: 'The list has too many entries, or none.' },
  API_ENTRIES_INVALID: { status: 400, title: 'Several entries of the list are invalid.' },
  API_FIELD_UNKNOWN: { status: 400, title: 'The body, or an entry of it, has an unknown field.' },
  API_FIELD_MISSING: { status: 400, title: 'The body, or an entry of it, lacks a field.' },
  API_FIELD_INVALID: { status: 400, title: 'The value of a field is invalid.' },
  API_TEXT_INVALID: { status: 400, title: 'A text for users is not one line.' },
  API_CONTENT_INVALID: { status: 400, title: 'The content of the body is not what the call says it is.' },
  API_TIMED_OUT: { status: 503, title: 'The call took too long and was stopped.' },
  API_TICKET_HOLDER: { status: 400, title: 'A ticket is for one user, or for one guest.' },
  API_TICKETS_FULL: {
    status: 400,
    title: 'There are as many unused tickets as there may be. Wait, or revoke some.',
  },
  API_NO_SUCH_TICKET: { status: 400, title: 'There is no ticket of this id.' },
  API_TOO_MANY_READERS: { status: 503, title: 'Too many callers read events. Try again later.' },
  API_CLOSING: { status: 503, title: 'The server is shutting down.' },
  API_NO_SUCH_BLOCK: { status: 400, title: 'No logins of this name or address have to wait.' },
  API_NO_SUCH_FOLDER: { status: 400, title: 'The Downloads folder has no such folder.' },
} as const satisfies Record<string, ErrorEntry>;

export type ApiErrorCode = keyof typeof API_ERRORS;

export function apiProblem(code: ApiErrorCode, detail?: string, options?: ProblemOptions): Problem {
  return new Problem(code, API_ERRORS[code], detail, options);
}
