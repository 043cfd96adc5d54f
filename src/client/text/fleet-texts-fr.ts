import type { FleetTexts } from './fleet-texts-en.ts';

/** The texts of the list of desktops, in French. */
export const FLEET_TEXTS: FleetTexts = {
  // The list.
  desktops: 'Bureaux',
  none: 'Il n’y a aucun bureau que vous puissiez voir.',
  noneYet: 'Il n’y a pas encore de bureau. « Nouveau bureau » en crée un.',
  find: 'Chercher un bureau',
  noneFound: 'Aucun bureau ne contient cela dans son nom.',

  // States, and since when. `{time}` is a time of day.
  starting: 'Démarre',
  running: 'En marche',
  leaving: 'En cours de suppression',
  pausedAt: 'En pause depuis {time}.',
  endedAt: 'Terminé à {time}.',
  lostAt: 'Perdu à {time}.',

  // Why a desktop is so. `{time}` is a duration.
  whyIdle: 'Il n’a eu aucun spectateur pendant {time}.',
  whyAgain: 'Il est redémarré.',
  whyAway: 'Il s’est terminé pendant que la flotte était arrêtée.',
  whyHost: 'Sa machine ne répond pas.',
  whyHostLost: 'Il s’est terminé pendant que sa machine était perdue.',
  whyHostGone: 'Sa machine a été supprimée.',
  whyNoPort: 'Sa machine n’a aucun port libre pour lui.',
  whyElsewhere: 'Il est redémarré sur une autre machine, car la sienne ne répond pas.',
  whyOutside: 'Il a été arrêté là où il avait été démarré.',
  whySlow: 'Il n’a pas démarré à temps.',
  whyNot: 'Il n’a pas démarré.',
  whyNotAgain: 'Il n’a pas démarré, et est redémarré.',
  whyItself: 'Il s’est terminé de lui-même.',
  whyItselfAgain: 'Il s’est terminé de lui-même, et est redémarré.',

  // Who is connected.
  viewers: 'Spectateurs : {count}',
  nobody: 'Personne n’est connecté',
  connected: 'Connectés',
  more: 'et {count} autres',
  slowNetwork: 'réseau lent : {grade} sur 10',
  slowServer: 'serveur chargé : {grade} sur 10',

  // What owners can do.
  ofDesktop: '{what} : {name}',
  actions: 'Actions',
  pause: 'Mettre en pause',
  resume: 'Reprendre',
  start: 'Démarrer',
  restart: 'Redémarrer',
  remove: 'Supprimer',
  removed: '{name} a été supprimé',
  restartTitle: 'Redémarrer {name} ?',
  restartWhy: 'Tous ses programmes se terminent. Ses fichiers restent.',
  removeTitle: 'Supprimer {name} ?',
  removeWhy: 'Ses programmes se terminent et tous ses fichiers sont effacés. Cela ne peut pas être annulé.',
  othersConnected: 'Spectateurs connectés en ce moment : {count}.',
  cancel: 'Annuler',

  // A new desktop.
  newDesktop: 'Nouveau bureau',
  name: 'Nom',
  nameHint: 'Lettres minuscules, chiffres et traits d’union entre eux, comme lab-7',
  template: 'Modèle',
  usual: 'Aucun : le bureau habituel',
  create: 'Créer',

  // Why something was refused.
  nameInvalid:
    'Un bureau ne peut pas porter ce nom. Il a des lettres minuscules de a à z, des chiffres, et des traits d’union entre eux, 40 au plus.',
  nameTaken: 'Il y a déjà un bureau nommé {name}.',
  templateGone: 'Ce modèle a été supprimé. Choisissez-en un autre.',
  desktopGone: '{name} a été supprimé, ou vous ne pouvez plus le voir.',
  full: 'Il y a autant de bureaux en marche que permis. Arrêtez ou supprimez-en un d’abord.',
  noRight: 'Vous n’en avez pas le droit.',
  storeFull:
    'La flotte ne peut plus rien enregistrer : son disque ou sa base est pleine. Dites-le à qui l’exploite.',
  storeAway: 'La flotte ne peut rien changer pour le moment. Réessayez bientôt.',
  refused: 'Le serveur refuse : {detail}',

  // The page of a desktop that is not there.
  isStarting: 'Le bureau démarre',
  isPaused: 'Le bureau est en pause',
  hasEnded: 'Le bureau est terminé',
  isLost: 'Le bureau est perdu',
  comesHere: 'Il apparaît ici dès qu’il est en marche.',
  wasRemoved: 'Le bureau a été supprimé',
  wasRemovedWhy: 'Ses programmes sont terminés et ses fichiers effacés.',
  isGone: 'Le bureau n’est plus là',
  isGoneWhy: 'Il a été supprimé, ou vous ne pouvez plus le voir.',
  isUnknown: 'Ce bureau n’existe pas',
  isUnknownWhy: 'Aucun bureau n’a cette adresse, ou vous ne pouvez pas le voir.',
};
