/** The texts of the page that lists the desktops of a fleet, in English. */
export const FLEET_TEXTS = {
  desktops: 'Desktops',
  none: 'There is no desktop that you may see.',
  starting: 'starting',
  running: 'running',
  paused: 'paused',
  ended: 'ended',
  lost: 'lost',
  leaving: 'being removed',
  viewers: 'Viewers: {count}',
  open: 'Open {name}',
  pause: 'Pause',
  resume: 'Resume',
  start: 'Start',
  restart: 'Restart',
  remove: 'Remove',
  reallyRestart: 'Restart {name}? All of its programs end.',
  reallyRemove: 'Remove {name} with all of its files?',
  newDesktop: 'New desktop',
  create: 'Create',
} as const;

export type FleetTexts = Readonly<Record<keyof typeof FLEET_TEXTS, string>>;
