import { isDeepStrictEqual } from 'node:util';
import type { Static } from 'typebox';
import { fleetProblem } from '../store/errors.ts';
import type { Desktop, DesktopSettings, FleetState } from '../store/fleet-state.ts';
import { forEntries } from './entries.ts';
import { checkedSettings, checkName, type NewDesktop, SETTING_NAMES } from './fields.ts';

/** A desktop as a caller wants to have it. */
export interface WantedDesktop {
  readonly name: string;
  readonly template: string | undefined;
  readonly own: DesktopSettings;
}

/** Checks what the types of a call's fields leave open. */
export function wantedDesktop({ name, template, ...given }: Static<typeof NewDesktop>): WantedDesktop {
  checkName(name);
  return { name, template, own: checkedSettings(given) };
}

/** What a new desktop has until its host starts it. */
const NOT_STARTED = { epoch: 0, key: '' } as const;

/** Those of a list that are not there yet. Throws a Problem if another desktop has one of the names. */
export function missingDesktops(
  state: FleetState,
  wanted: WantedDesktop | readonly WantedDesktop[],
): Desktop[] {
  const found = forEntries(wanted, ({ name, template, own }) => {
    const settings = { ...settingsOf(state, template), ...own };
    const before = state.desktop.get(name);
    if (before !== undefined && !isSame(before, settings, template))
      throw fleetProblem('FLEET_DESKTOP_EXISTS', `There is another desktop ${name}.`);
    if (before !== undefined) return undefined;
    const made = { createdMs: Date.now(), wanted: 'running', status: starting('') } as const;
    return { name, ...(template && { template }), ...settings, ...made, ...NOT_STARTED };
  });
  return found.filter((desktop) => desktop !== undefined);
}

export const starting = (reason: string): Desktop['status'] => ({
  state: 'starting',
  reason,
  sinceMs: Date.now(),
});

function settingsOf({ template: templates }: FleetState, name: string | undefined): DesktopSettings {
  if (name === undefined) return {};
  const template = templates.get(name);
  if (template === undefined) throw fleetProblem('FLEET_NO_SUCH_TEMPLATE');
  const { name: _name, ...settings } = template;
  return settings;
}

/** Whether a desktop is what a repeated call asks for. */
const isSame = (desktop: Desktop, settings: DesktopSettings, template: string | undefined): boolean =>
  desktop.wanted !== 'gone' &&
  desktop.template === template &&
  SETTING_NAMES.every((name) => isDeepStrictEqual(desktop[name], settings[name]));
