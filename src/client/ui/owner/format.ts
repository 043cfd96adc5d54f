/** Formats numbers and times in the page's language, which is that of the document. */
const language = (): string => document.documentElement.lang;

export function decimal(value: number, digits = 1): string {
  return new Intl.NumberFormat(language(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** A number of at most three digits, which small ones have behind the point. */
export const short = (value: number): string =>
  decimal(value, value < 9.95 && value !== Math.round(value) ? 1 : 0);

/** Megabits, in which links are sold. */
export const bandwidth = (bytesPerSecond: number): string => {
  const megabits = (bytesPerSecond * 8) / 1e6;
  return `${decimal(megabits, megabits < 9.95 ? 2 : 0)} Mbit/s`;
};

export const milliseconds = (ms: number): string => `${short(ms)} ms`;

/** A time of the API, such as `2026-01-31 12:00:00`, which is UTC. */
export const timeOf = (utc: string): Date => new Date(`${utc.replace(' ', 'T')}Z`);

/** A time of the API as the user's clock shows it. */
export function localTime(utc: string): string {
  const time = timeOf(utc);
  const isToday = time.toDateString() === new Date().toDateString();
  const style = isToday ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' };
  return new Intl.DateTimeFormat(language(), style as Intl.DateTimeFormatOptions).format(time);
}
