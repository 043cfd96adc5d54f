/** What a desktop of a fleet is doing that does not run. */
export interface DesktopState {
  readonly state: 'starting' | 'paused' | 'ended' | 'lost';
  /** Time of `Date.now()` from which on it has been so. */
  readonly sinceMs: number;
}

const STATES: readonly string[] = ['starting', 'paused', 'ended', 'lost'] satisfies DesktopState['state'][];

/** Reads the headers with which a fleet refuses a desktop's page. Undefined without them. */
export function desktopStateOf(headers: Headers): DesktopState | undefined {
  const state = headers.get('deskwire-state') ?? '';
  const sinceMs = Date.parse(headers.get('deskwire-since') ?? '');
  if (!STATES.includes(state) || Number.isNaN(sinceMs)) return undefined;
  return { state: state as DesktopState['state'], sinceMs };
}
