import type { FleetTexts } from './fleet-texts-en.ts';

/** The texts of the list of desktops, in German. */
export const FLEET_TEXTS: FleetTexts = {
  // The list.
  desktops: 'Desktops',
  none: 'Es gibt keinen Desktop, den Sie sehen dürfen.',
  noneYet: 'Es gibt noch keinen Desktop. „Neuer Desktop“ legt einen an.',
  find: 'Desktop suchen',
  noneFound: 'Kein Desktop hat das in seinem Namen.',

  // States, and since when. `{time}` is a time of day.
  starting: 'Startet',
  running: 'Läuft',
  leaving: 'Wird entfernt',
  pausedAt: 'Angehalten seit {time}.',
  endedAt: 'Beendet um {time}.',
  lostAt: 'Verloren um {time}.',

  // Why a desktop is so. `{time}` is a duration.
  whyIdle: 'Er hatte {time} lang keinen Betrachter.',
  whyAgain: 'Er wird neu gestartet.',
  whyAway: 'Er endete, während die Flotte nicht lief.',
  whyHost: 'Sein Rechner antwortet nicht.',
  whyHostLost: 'Er endete, während sein Rechner verloren war.',
  whyHostGone: 'Sein Rechner wurde entfernt.',
  whyNoPort: 'Sein Rechner hat keinen freien Port für ihn.',
  whyElsewhere: 'Er wird auf einem anderen Rechner neu gestartet, weil seiner nicht antwortet.',
  whyOutside: 'Er wurde dort beendet, wo er gestartet wurde.',
  whySlow: 'Er ist nicht rechtzeitig gestartet.',
  whyNot: 'Er ist nicht gestartet.',
  whyNotAgain: 'Er ist nicht gestartet und wird neu gestartet.',
  whyItself: 'Er hat sich selbst beendet.',
  whyItselfAgain: 'Er hat sich selbst beendet und wird neu gestartet.',

  // Who is connected.
  viewers: 'Betrachter: {count}',
  nobody: 'Niemand ist verbunden',
  connected: 'Verbunden',
  more: 'und {count} weitere',
  slowNetwork: 'langsames Netz: {grade} von 10',
  slowServer: 'Server ausgelastet: {grade} von 10',

  // What owners can do.
  ofDesktop: '{what}: {name}',
  actions: 'Aktionen',
  pause: 'Anhalten',
  resume: 'Fortsetzen',
  start: 'Starten',
  restart: 'Neu starten',
  remove: 'Entfernen',
  removed: '{name} wurde entfernt',
  restartTitle: '{name} neu starten?',
  restartWhy: 'Alle Programme darauf enden. Die Dateien bleiben.',
  removeTitle: '{name} entfernen?',
  removeWhy:
    'Alle Programme darauf enden, und alle Dateien werden gelöscht. Das lässt sich nicht rückgängig machen.',
  othersConnected: 'Jetzt verbundene Betrachter: {count}.',
  cancel: 'Abbrechen',

  // A new desktop.
  newDesktop: 'Neuer Desktop',
  name: 'Name',
  nameHint: 'Kleinbuchstaben, Ziffern und dazwischen Bindestriche, etwa lab-7',
  template: 'Vorlage',
  usual: 'Keine: der übliche Desktop',
  create: 'Anlegen',

  // Why something was refused.
  nameInvalid:
    'So kann ein Desktop nicht heißen. Erlaubt sind die Kleinbuchstaben a bis z, Ziffern und dazwischen Bindestriche, höchstens 40.',
  nameTaken: 'Es gibt schon einen Desktop namens {name}.',
  templateGone: 'Diese Vorlage wurde entfernt. Wählen Sie eine andere.',
  desktopGone: '{name} wurde entfernt, oder Sie dürfen ihn nicht mehr sehen.',
  full: 'Es laufen so viele Desktops, wie gleichzeitig laufen dürfen. Beenden oder entfernen Sie zuerst einen.',
  noRight: 'Dazu haben Sie nicht das Recht.',
  storeFull:
    'Die Flotte kann nichts mehr speichern: Ihr Datenträger oder ihr Speicher ist voll. Sagen Sie es dem Betreiber.',
  storeAway: 'Die Flotte kann gerade nichts ändern. Versuchen Sie es gleich noch einmal.',
  refused: 'Der Server lehnt das ab: {detail}',

  // The page of a desktop that is not there.
  isStarting: 'Der Desktop startet',
  isPaused: 'Der Desktop ist angehalten',
  hasEnded: 'Der Desktop ist beendet',
  isLost: 'Der Desktop ist verloren',
  comesHere: 'Er erscheint hier, sobald er läuft.',
  wasRemoved: 'Der Desktop wurde entfernt',
  wasRemovedWhy: 'Seine Programme sind beendet und seine Dateien gelöscht.',
  isGone: 'Der Desktop ist nicht mehr da',
  isGoneWhy: 'Er wurde entfernt, oder Sie dürfen ihn nicht mehr sehen.',
  isUnknown: 'Diesen Desktop gibt es nicht',
  isUnknownWhy: 'Kein Desktop hat diese Adresse, oder Sie dürfen ihn nicht sehen.',
};
