import { type FleetTextName, fleetText as text } from '../text/fleet-texts.ts';
import { shownLanguage } from '../text/texts.ts';

/** Sentences of hosts that the page has in all its languages. `(\d+)` is a number of seconds. */
export const KNOWN_REASONS: readonly (readonly [RegExp, FleetTextName])[] = [
  [/^It had no viewer for (\d+) s\.$/, 'whyIdle'],
  [/^It is started again\.$/, 'whyAgain'],
  [/^It is started again, because its (?:start was broken off|process is gone)\.$/, 'whyAgain'],
  [/^Its process ended while the fleet did not run\.$/, 'whyAway'],
  [/^Its process ended while its host was lost\.$/, 'whyHostLost'],
  [/^Its host (?:\S+ )?does not answer(?: since .*)?\.$/, 'whyHost'],
  [/^Its host was removed\.$/, 'whyHostGone'],
  [/^Its host has no free port for it\.$/, 'whyNoPort'],
  [/^It is started anew on \S+, because its host \S+ does not answer\.$/, 'whyElsewhere'],
  [/^It was ended where it was started\.$/, 'whyOutside'],
  [/^It did not start in time\.$/, 'whySlow'],
  [/^It did not start\.$/, 'whyNot'],
  [/^It did not start, and is started again\.$/, 'whyNotAgain'],
  [/^It has ended by itself\.$/, 'whyItself'],
  [/^It has ended by itself, and is started again\.$/, 'whyItselfAgain'],
];

/** The language of the page, with the region of the user if it is one of that language. */
const locale = (): string =>
  navigator.languages.find((tag) => tag.split('-')[0] === shownLanguage()) ?? shownLanguage();

/** Says why a desktop is as it is, in the page's language if it is a known reason. */
export function sayReason(reason: string): string {
  for (const [form, name] of KNOWN_REASONS) {
    const found = form.exec(reason);
    if (found) return text(name, { time: duration(Number(found[1])) });
  }
  return reason;
}

/** A moment as users say it: the time, and the day unless it is today. */
export function moment(ms: number, now = new Date()): string {
  const time = new Date(ms);
  const isToday = time.toDateString() === now.toDateString();
  const day = isToday ? {} : ({ dateStyle: 'medium' } as const);
  return new Intl.DateTimeFormat(locale(), { timeStyle: 'short', ...day }).format(time);
}

const UNITS = [
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A duration in the largest unit of which it has two. */
function duration(seconds: number): string {
  if (Number.isNaN(seconds)) return '';
  const [unit, length] = UNITS.find(([, unitS]) => seconds >= 2 * unitS) ?? UNITS[2];
  const options = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(locale(), options).format(seconds / length);
}

/** A number of `get_bottleneck_stats`. */
export const grade = (value: number): string =>
  new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(value);
