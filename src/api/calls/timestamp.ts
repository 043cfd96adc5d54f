/** `YYYY-MM-DD HH:MM:SS` in UTC, as KasmVNC writes times. */
export function timestamp(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}
