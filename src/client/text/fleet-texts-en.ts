/** The texts of the page that lists the desktops of a fleet, and of what their pages say of it, in English. */
export const FLEET_TEXTS = {
  // The list.
  desktops: 'Desktops',
  none: 'There is no desktop that you may see.',
  noneYet: 'There is no desktop yet. “New desktop” makes one.',
  find: 'Find a desktop',
  noneFound: 'No desktop has this in its name.',

  // States, and since when. `{time}` is a time of day.
  starting: 'Starting',
  running: 'Running',
  leaving: 'Being removed',
  pausedAt: 'Paused since {time}.',
  endedAt: 'Ended at {time}.',
  lostAt: 'Lost at {time}.',

  // Why a desktop is so. `{time}` is a duration.
  whyIdle: 'It had no viewer for {time}.',
  whyAgain: 'It is started again.',
  whyAway: 'It ended while the fleet did not run.',
  whyHost: 'Its host does not answer.',
  whyHostLost: 'It ended while its host was lost.',
  whyHostGone: 'Its host was removed.',
  whyNoPort: 'Its host has no free port for it.',
  whyElsewhere: 'It is started anew on another host, because its own does not answer.',
  whyOutside: 'It was ended where it was started.',
  whySlow: 'It did not start in time.',
  whyNot: 'It did not start.',
  whyNotAgain: 'It did not start, and is started again.',
  whyItself: 'It ended by itself.',
  whyItselfAgain: 'It ended by itself, and is started again.',

  // Who is connected.
  viewers: 'Viewers: {count}',
  nobody: 'Nobody is connected',
  connected: 'Connected',
  more: 'and {count} more',
  slowNetwork: 'slow network: {grade} of 10',
  slowServer: 'busy server: {grade} of 10',

  // What owners can do.
  ofDesktop: '{what}: {name}',
  actions: 'Actions',
  pause: 'Pause',
  resume: 'Resume',
  start: 'Start',
  restart: 'Restart',
  remove: 'Remove',
  removed: '{name} was removed',
  restartTitle: 'Restart {name}?',
  restartWhy: 'All of its programs end. Its files stay.',
  removeTitle: 'Remove {name}?',
  removeWhy: 'Its programs end, and all of its files are deleted. This cannot be undone.',
  othersConnected: 'Viewers who are connected now: {count}.',
  cancel: 'Cancel',

  // A new desktop.
  newDesktop: 'New desktop',
  name: 'Name',
  nameHint: 'Small letters, digits and hyphens between them, such as lab-7',
  template: 'Template',
  usual: 'None: the usual desktop',
  create: 'Create',

  // Why something was refused.
  nameInvalid:
    'This is no name for a desktop. It has small letters a to z, digits, and hyphens between them, 40 at most.',
  nameTaken: 'There is a desktop named {name} already.',
  templateGone: 'This template was removed. Choose another one.',
  desktopGone: '{name} was removed, or you may no longer see it.',
  full: 'As many desktops run as may run at a time. End or remove one first.',
  noRight: 'You have not the right for this.',
  storeFull: 'The fleet cannot save anything now: its disk or its store is full. Tell whoever runs it.',
  storeAway: 'The fleet cannot make changes at the moment. Try again soon.',
  refused: 'The server refuses this: {detail}',

  // The page of a desktop that is not there.
  isStarting: 'The desktop is starting',
  isPaused: 'The desktop is paused',
  hasEnded: 'The desktop has ended',
  isLost: 'The desktop is lost',
  comesHere: 'It appears here as soon as it runs.',
  wasRemoved: 'The desktop was removed',
  wasRemovedWhy: 'Its programs have ended, and its files are deleted.',
  isGone: 'The desktop is no longer there',
  isGoneWhy: 'It was removed, or you may no longer see it.',
  isUnknown: 'There is no such desktop',
  isUnknownWhy: 'No desktop has this address, or you may not see it.',
} as const;

export type FleetTextName = keyof typeof FLEET_TEXTS;

export type FleetTexts = Readonly<Record<FleetTextName, string>>;
