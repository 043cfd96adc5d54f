/** Directives of strftime that a watermark's text may have, each with what it stands for. */
const DIRECTIVES: Readonly<Record<string, (time: TimeParts) => string>> = {
  '%': () => '%',
  Y: ({ year }) => year,
  y: ({ year }) => year.slice(-2),
  m: ({ month }) => month,
  d: ({ day }) => day,
  e: ({ day }) => day.replace(/^0/, ' '),
  H: ({ hour }) => hour,
  I: ({ hour }) => String(Number(hour) % 12 || 12).padStart(2, '0'),
  p: ({ hour }) => (Number(hour) < 12 ? 'AM' : 'PM'),
  M: ({ minute }) => minute,
  S: ({ second }) => second,
  F: ({ year, month, day }) => `${year}-${month}-${day}`,
  D: ({ year, month, day }) => `${month}/${day}/${year.slice(-2)}`,
  R: ({ hour, minute }) => `${hour}:${minute}`,
  T: ({ hour, minute, second }) => `${hour}:${minute}:${second}`,
  a: ({ weekday }) => weekday.slice(0, 3),
  A: ({ weekday }) => weekday,
  b: ({ month }) => MONTHS[Number(month) - 1]!.slice(0, 3),
  B: ({ month }) => MONTHS[Number(month) - 1]!,
  Z: ({ timeZoneName }) => timeZoneName,
};

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

interface TimeParts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
  readonly weekday: string;
  readonly timeZoneName: string;
}

/** A variable or a directive, and what it names. */
const PLACES = /\$\{([^}]*)\}|%(.?)/gsu;

export interface TemplateVariables {
  readonly USER: string;
  readonly ADDRESS: string;
}

const VARIABLES: readonly string[] = ['USER', 'ADDRESS'] satisfies (keyof TemplateVariables)[];

/** The variable or directive of a template that does not exist; undefined if there is none. */
export function templateFault(template: string): string | undefined {
  for (const [place, variable, directive] of template.matchAll(PLACES)) {
    const exists =
      variable === undefined ? Object.hasOwn(DIRECTIVES, directive ?? '') : VARIABLES.includes(variable);
    if (!exists) return place;
  }
  return undefined;
}

/** Writes a template in which `templateFault` finds no fault, at a time. */
export function writeTemplate(
  template: string,
  variables: TemplateVariables,
  time: Date,
  timeZone: string | undefined,
): string {
  let parts: TimeParts | undefined;
  return template.replace(PLACES, (_place, variable: string | undefined, directive: string) => {
    if (variable !== undefined) return variables[variable as keyof TemplateVariables];
    parts ??= partsOf(time, timeZone);
    return DIRECTIVES[directive]!(parts);
  });
}

/** Milliseconds after which the text of a template may have changed; undefined if no time changes it. */
export function templatePeriodMs(template: string): number | undefined {
  const directives = [...template.matchAll(PLACES)].flatMap(([, , directive]) => directive ?? []);
  if (directives.some((directive) => 'ST'.includes(directive))) return 1000;
  return directives.some((directive) => directive !== '%') ? 60_000 : undefined;
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function partsOf(time: Date, timeZone: string | undefined): TimeParts {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    weekday: 'long',
    timeZoneName: 'short',
  });
  return Object.fromEntries(
    format.formatToParts(time).map(({ type, value }) => [type, value]),
  ) as unknown as TimeParts;
}
