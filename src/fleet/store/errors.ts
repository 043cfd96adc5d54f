import { type ErrorEntry, Problem, type ProblemOptions } from '../../http/problems/errors.ts';

/** Every error code of fleets. Codes without a status stop the start. */
export const FLEET_ERRORS = {
  FLEET_NAME_INVALID: {
    status: 400,
    title: 'A name has 1 to 40 characters: small letters, digits and hyphens between them.',
  },
  FLEET_LABEL_INVALID: {
    status: 400,
    title: 'A label is key=value, each of 1 to 63 letters, digits, . _ and -.',
  },
  FLEET_NAME_REPEATED: { status: 400, title: 'A list names each desktop once.' },
  FLEET_WHICH_DESKTOPS: {
    status: 400,
    title: 'Say which desktops are meant: a list with names, or the parameter label.',
  },
  FLEET_SIZE_INVALID: { status: 400, title: 'A size is such as 1680x971, each side from 64 to 16384.' },
  FLEET_ENVIRONMENT_INVALID: { status: 400, title: 'The variables of the programs cannot be used.' },
  FLEET_GRANT_INVALID: { status: 400, title: 'A grant has a right, and either a desktop or labels.' },
  FLEET_NO_RIGHT: { status: 403, title: 'This user has not the right for this.' },
  FLEET_NO_SUCH_DESKTOP: { status: 404, title: 'There is no such desktop, or this user may not know of it.' },
  FLEET_NO_SUCH_USER: { status: 404, title: 'There is no such user.' },
  FLEET_NO_SUCH_GROUP: { status: 404, title: 'There is no such group.' },
  FLEET_GROUP_IN_USE: {
    status: 409,
    title: 'A group with 1000 members or more is not removed. Take some out.',
  },
  FLEET_TOO_MANY_GROUPS: { status: 400, title: 'A user is in at most 32 groups.' },
  FLEET_LAST_ADMIN: { status: 409, title: 'The fleet would have no admin any more.' },
  FLEET_NO_SUCH_TEMPLATE: { status: 404, title: 'There is no such template.' },
  FLEET_NO_SUCH_HOST: { status: 404, title: 'There is no such host.' },
  FLEET_LOG_ELSEWHERE: { status: 501, title: 'The log of this desktop is on its host.' },
  FLEET_HOST_LIVE: { status: 409, title: 'The host still reports. End it first.' },
  FLEET_DESKTOP_EXISTS: { status: 409, title: 'There is another desktop of this name.' },
  FLEET_CAPACITY: { status: 503, title: 'The fleet has as many desktops as it takes.' },
  FLEET_STORE_FULL: { status: 507, title: 'The store has as many entries of this kind as it takes.' },
  FLEET_STORE_UNWRITABLE: { status: 507, title: 'The store cannot be written. Nothing was changed.' },
  FLEET_STORE_UNAVAILABLE: { status: 503, title: 'The store does not answer. Nothing was changed.' },
  FLEET_STORE_UNSURE: {
    status: 504,
    title: 'The store stopped answering while it wrote. Look whether the changes were made.',
  },
  FLEET_TOO_MANY_CHANGES: { status: 400, title: 'A call changes at most 1000 entries.' },
  FLEET_DESKTOP_NOT_RUNNING: { status: 503, title: 'The desktop is not running.' },
  FLEET_DESKTOP_SILENT: { status: 502, title: 'The desktop does not answer.' },
  FLEET_RUNS_ALREADY: { title: 'Another fleet runs with this data folder.' },
  FLEET_NODE_NAME_TAKEN: { title: 'Another node of the fleet has this name.' },
  FLEET_STORE_BROKEN: { title: 'The store of the fleet cannot be used.' },
} as const satisfies Record<string, ErrorEntry>;

export type FleetErrorCode = keyof typeof FLEET_ERRORS;

/** Seconds after which a caller may try again, for what passes by itself. */
const RETRY_AFTER_S: Partial<Record<FleetErrorCode, string>> = {
  FLEET_CAPACITY: '5',
  FLEET_STORE_UNAVAILABLE: '2',
  FLEET_DESKTOP_SILENT: '2',
};

export function fleetProblem(code: FleetErrorCode, detail?: string, options?: ProblemOptions): Problem {
  const after = RETRY_AFTER_S[code];
  const headers = { ...(after !== undefined && { 'Retry-After': after }), ...options?.headers };
  return new Problem(code, FLEET_ERRORS[code], detail, { ...options, headers });
}
