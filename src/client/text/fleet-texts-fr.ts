import type { FleetTexts } from './fleet-texts-en.ts';

/** The texts of the list of desktops, in French. */
export const FLEET_TEXTS: FleetTexts = {
  desktops: 'Bureaux',
  none: 'Il n’y a aucun bureau que vous puissiez voir.',
  starting: 'démarre',
  running: 'en marche',
  paused: 'en pause',
  ended: 'terminé',
  lost: 'perdu',
  leaving: 'en cours de suppression',
  viewers: 'Spectateurs : {count}',
  open: 'Ouvrir {name}',
  pause: 'Mettre en pause',
  resume: 'Reprendre',
  start: 'Démarrer',
  restart: 'Redémarrer',
  remove: 'Supprimer',
  reallyRestart: 'Redémarrer {name} ? Tous ses programmes se terminent.',
  reallyRemove: 'Supprimer {name} avec tous ses fichiers ?',
  newDesktop: 'Nouveau bureau',
  create: 'Créer',
};
