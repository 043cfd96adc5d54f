import type { Static, TSchema } from 'typebox';
import type { Grant } from '../../accounts/user.ts';
import { Type } from '../../api/contract/schema.ts';
import { environmentFault, MAX_VARIABLE_BYTES } from '../../config/program-environment.ts';
import { size } from '../../config/values.ts';
import { fleetProblem } from '../store/errors.ts';
import type { Desktop, DesktopSettings } from '../store/fleet-state.ts';

/** Characters of a command line. A larger number takes memory of the store for each desktop. */
const MAX_COMMAND = 4096;
const MAX_LABELS = 32;
/** Ten years. */
const MAX_SECONDS = 315_360_000;

/** A part of a URL, of a path and of a host name. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const LABEL = /^[\w.-]{1,63}=[\w.-]{1,63}$/;

export const labels = Type.Array(Type.String({ maxLength: 127 }), {
  maxItems: MAX_LABELS,
  description: 'Such as `class=7b`. Grants name desktops by them',
});
const seconds = (description: string) => Type.Integer({ minimum: 1, maximum: MAX_SECONDS, description });

/** The least with which a desktop still starts, and the most. */
const limit = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }));

/** What may be changed of a desktop that runs. */
const CHANGEABLE = {
  labels: Type.Optional(labels),
  restart: Type.Optional(
    Type.Enum(['never', 'here', 'elsewhere'], {
      description:
        'What follows when the desktop ends by itself: nothing, or another start. With `elsewhere`, it is also started ' +
        'empty on another host when its own is lost',
    }),
  ),
  ttl_s: Type.Optional(seconds('Seconds after its creation at which the desktop is removed')),
  idle_pause_s: Type.Optional(seconds('Seconds without a viewer after which it is paused')),
  idle_end_s: Type.Optional(seconds('Seconds without a viewer after which it is ended')),
};

const SETTINGS = {
  command: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_COMMAND,
      description: 'Shell command line to start on the desktop, in place of all that it shows otherwise',
    }),
  ),
  environment: Type.Optional(
    Type.Record(Type.String(), Type.String({ maxLength: MAX_VARIABLE_BYTES }), {
      description: 'Further variables of its programs, by name. Only its owners see them',
    }),
  ),
  limits: Type.Optional(
    Type.Object(
      {
        memory_mb: limit(256, 16_777_216, 'MiB of memory'),
        cpu_percent: limit(10, 100_000, 'Percent of one core'),
        processes: limit(128, 1_000_000, 'Processes and threads'),
      },
      {
        description:
          'What it may take at most, with its server: `limits_enforced` says what its host enforces',
      },
    ),
  ),
  home: Type.Optional(
    Type.Enum(['kept', 'temporary'], { description: 'Whether its home folder is emptied at each start' }),
  ),
  gl: Type.Optional(
    Type.Boolean({ description: 'Whether its programs can use OpenGL. `false` saves memory' }),
  ),
  size: Type.Optional(Type.String({ maxLength: 11, description: 'Size at the start, such as `1680x971`' })),
  ...CHANGEABLE,
};

const name = Type.String({
  minLength: 1,
  maxLength: 40,
  description: 'Small letters, digits and hyphens between them',
});

export const NamePlace = Type.Object({ name });
export const NewDesktop = Type.Object({ name, template: Type.Optional(name), ...SETTINGS });
/** A field that may be changed or, by `null`, taken away (RFC 7396). */
const change = <T extends TSchema>(field: T) => Type.Optional(Type.Union([field, Type.Null()]));

export const ChangedDesktop = Type.Object({
  labels: change(CHANGEABLE.labels),
  restart: change(CHANGEABLE.restart),
  ttl_s: change(CHANGEABLE.ttl_s),
  idle_pause_s: change(CHANGEABLE.idle_pause_s),
  idle_end_s: change(CHANGEABLE.idle_end_s),
});
type Changes = Static<typeof ChangedDesktop>;
export const NewTemplate = Type.Object(SETTINGS);

/** Names of the fields that a desktop has from its template or from its caller. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly (keyof DesktopSettings)[];

/** Checks what the types of fields leave open. Throws a Problem. */
export function checkedSettings(settings: Static<typeof NewTemplate>): DesktopSettings {
  if (settings.size !== undefined && size.parse(settings.size) === undefined)
    throw fleetProblem('FLEET_SIZE_INVALID');
  checkLabels(settings.labels ?? []);
  const fault = environmentFault(settings.environment ?? {});
  if (fault !== undefined) throw fleetProblem('FLEET_ENVIRONMENT_INVALID', fault);
  return settings;
}

/** Checks what the types of changes leave open. Throws a Problem. */
export function checkedChanges(changes: Changes): Changes {
  checkLabels(changes.labels ?? []);
  return changes;
}

/** A desktop after changes. */
export function changed(now: Desktop, changes: Changes): Desktop {
  const fields = Object.entries({ ...now, ...changes }).filter(([, value]) => value !== null);
  return Object.fromEntries(fields) as unknown as Desktop;
}

export function checkLabels(given: readonly string[]): void {
  if (!given.every((label) => LABEL.test(label))) throw fleetProblem('FLEET_LABEL_INVALID');
}

export function checkName(given: string): void {
  if (!NAME.test(given)) throw fleetProblem('FLEET_NAME_INVALID');
}

/** Time limit of calls that wait, in ms: longer than the longest `wait`. */
export const WAIT_LIMIT_MS = 70_000;

/** The parameter of calls that can wait for what they have asked for. */
export const Waits = Type.Object({
  wait: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 60,
      description:
        'Seconds for which the call waits until the desktop is as it was asked for. Status 202: it is not so',
    }),
  ),
});

export const Grants = Type.Array(
  Type.Object({
    right: Type.Enum(['read', 'write', 'owner']),
    desktop: Type.Optional(Type.String({ maxLength: 40 })),
    labels: Type.Optional(labels),
  }),
  { maxItems: 100, description: 'What the user may do, with one desktop or with all that have these labels' },
);

/** Groups that one user is in. A larger number makes each look at rights slower. */
export const MAX_GROUPS = 32;

export const GroupNames = Type.Array(Type.String({ minLength: 1, maxLength: 40 }), {
  maxItems: MAX_GROUPS,
  description: 'Groups, whose grants the user has, too',
});

/** Throws a Problem unless each grant says clearly for what it is. */
export function checkedGrants(grants: readonly Grant[]): readonly Grant[] {
  for (const grant of grants) checkPlace(grant);
  return grants;
}

/** Throws a Problem unless it names either a desktop or labels. */
export function checkPlace({ desktop, labels }: Omit<Grant, 'right'>): void {
  const isForLabels = labels !== undefined && labels.length > 0;
  if ((desktop === undefined) !== isForLabels) throw fleetProblem('FLEET_GRANT_INVALID');
  checkLabels(labels ?? []);
}
