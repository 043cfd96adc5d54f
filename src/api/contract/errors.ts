import { type ErrorEntry, Problem, type ProblemOptions } from '../../http/problems/errors.ts';

/** Every code of this room. What accounts, session and http refuse keeps their own. */
export const API_ERRORS = {
  API_PARAMETER_UNKNOWN: { status: 400, title: 'The call has no such parameter.' },
  API_PARAMETER_REPEATED: { status: 400, title: 'A parameter is given more than once.' },
  API_PARAMETER_MISSING: { status: 400, title: 'A parameter is missing.' },
  API_PARAMETER_INVALID: { status: 400, title: 'A parameter has a value that it cannot have.' },
  API_QUERY_INVALID: { status: 400, title: 'The query is not percent-encoded UTF-8.' },
  API_NOTHING_TO_CHANGE: { status: 400, title: 'The call names nothing to change.' },
  API_BODY_NOT_JSON: { status: 400, title: 'The body is not JSON.' },
  API_BODY_NOT_LIST: { status: 400, title: 'The body is not a list of users.' },
  API_TOO_MANY_USERS: { status: 400, title: 'A call takes at most 1000 users.' },
  API_ENTRIES_INVALID: { status: 400, title: 'Entries of the list are not what they should be.' },
  API_FIELD_UNKNOWN: { status: 400, title: 'An entry has a field that it cannot have.' },
  API_FIELD_MISSING: { status: 400, title: 'An entry lacks a field.' },
  API_FIELD_INVALID: { status: 400, title: 'A field has a value that it cannot have.' },
  API_NO_SUCH_FOLDER: { status: 400, title: 'There is no such folder among the downloads.' },
} as const satisfies Record<string, ErrorEntry>;

export type ApiErrorCode = keyof typeof API_ERRORS;

export function apiProblem(code: ApiErrorCode, detail?: string, options?: ProblemOptions): Problem {
  return new Problem(code, API_ERRORS[code], detail, options);
}
