import type { FleetTexts } from './fleet-texts-en.ts';

/** The texts of the list of desktops, in German. */
export const FLEET_TEXTS: FleetTexts = {
  desktops: 'Desktops',
  none: 'Es gibt keinen Desktop, den Sie sehen dürfen.',
  starting: 'startet',
  running: 'läuft',
  paused: 'angehalten',
  ended: 'beendet',
  lost: 'verloren',
  leaving: 'wird entfernt',
  viewers: 'Betrachter: {count}',
  open: '{name} öffnen',
  pause: 'Anhalten',
  resume: 'Fortsetzen',
  start: 'Starten',
  restart: 'Neu starten',
  remove: 'Entfernen',
  reallyRestart: '{name} neu starten? Alle Programme darauf enden.',
  reallyRemove: '{name} mit allen Dateien entfernen?',
  newDesktop: 'Neuer Desktop',
  create: 'Anlegen',
};
