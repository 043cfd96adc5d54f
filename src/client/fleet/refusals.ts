import { ApiError } from '../api/call-api.ts';
import { type FleetTextName, fleetText } from '../text/fleet-texts.ts';
import { text } from '../text/texts.ts';

/** The sentence for each of the server's codes that a user can do something about. docs/errors.md has all codes. */
export const REFUSALS: Readonly<Record<string, FleetTextName>> = {
  FLEET_NAME_INVALID: 'nameInvalid',
  FLEET_DESKTOP_EXISTS: 'nameTaken',
  FLEET_NO_SUCH_TEMPLATE: 'templateGone',
  FLEET_NO_SUCH_DESKTOP: 'desktopGone',
  FLEET_CAPACITY: 'full',
  FLEET_NO_RIGHT: 'noRight',
  FLEET_STORE_FULL: 'storeFull',
  FLEET_STORE_UNWRITABLE: 'storeFull',
  FLEET_STORE_UNAVAILABLE: 'storeAway',
  API_TIMED_OUT: 'storeAway',
};

/** Says in the page's language why a call was refused. `name` is the desktop's. */
export function refusalSentence(error: unknown, name: string): string {
  if (!(error instanceof ApiError)) return String(error);
  if (error.status === undefined) return text('unreachableWhy');
  const known = REFUSALS[error.code];
  if (known !== undefined) return fleetText(known, { name });
  return fleetText('refused', { detail: error.message });
}
