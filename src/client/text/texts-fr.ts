import type { Texts } from './texts-en.ts';

/** The texts that the page always has, in French. */
export const TEXTS: Texts = {
  // The connection, and what is always there.
  desktop: 'Bureau distant',
  keysLabel: 'Saisie pour le bureau distant. Contrôle, Alt, Majuscule et M permettent d’en sortir.',
  toolbar: 'Barre d’outils',
  toolbarHandle: 'Afficher ou masquer la barre d’outils',
  close: 'Fermer',
  allDesktops: 'Tous les bureaux',

  connecting: 'Connexion',
  reconnecting: 'Reconnexion',
  connected: 'Connecté',
  disconnected: 'Déconnecté',
  stalled: 'Le serveur ne répond pas',
  stalledNotice: 'Le serveur ne répond pas. Ce que vous tapez l’attend.',
  viewOnly: 'Lecture seule',
  viewOnlyNotice: 'Vous pouvez seulement regarder ce bureau.',
  watchOnlyNotice: 'La lecture seule est active. Le panneau « Affichage » permet de la désactiver.',
  retryNow: 'Reconnecter maintenant',
  retryIn: 'Nouvel essai dans {seconds} secondes',
  retryInOne: 'Nouvel essai dans 1 seconde',
  connectAgain: 'Se reconnecter',

  signedOut: 'Vous êtes déconnecté',
  noAccess: 'Pas d’accès à ce bureau',
  noAccessWhy:
    'Votre compte ne peut pas se connecter. Demandez le droit de lecture au propriétaire du bureau.',
  ended: 'Vous avez été déconnecté',
  endedWhy: 'Le serveur a mis fin à cette connexion.',
  tooMany: 'Trop de connexions',
  tooManyWhy: 'Vous ou votre réseau avez atteint le nombre de connexions permis. Fermez-en une.',
  stopped: 'Le serveur s’est arrêté',
  lost: 'Connexion perdue',
  unreachable: 'Le serveur est injoignable',
  unreachableWhy: 'Le réseau est en panne, ou le serveur ne fonctionne pas.',
  offline: 'Vous êtes hors ligne',
  offlineWhy: 'Cet appareil n’a pas de réseau. La page se reconnecte dès son retour.',
  notAvailable: 'Le bureau n’est pas disponible',
  notAvailableWhy: 'Le serveur répond par une erreur ({status}).',
  failed: 'La connexion a échoué',
  failedWhy: 'Le serveur a fermé la connexion sans dire pourquoi.',
  silentServer: 'Le serveur n’a pas répondu à temps.',
  silentNetwork: 'Le réseau ne répond plus.',
  unreadable: 'La page n’a pas pu lire ce que le serveur a envoyé. {detail}',
  mayNotSee: 'Vous ne pouvez pas voir ce bureau',
  mayNotSeeWhy: 'Un propriétaire vous a retiré ce droit. Le bureau revient dès que vous l’avez de nouveau.',

  // Logging in and out, and why the server refuses.
  signIn: 'Se connecter',
  signingIn: 'Connexion en cours',
  userName: 'Nom',
  password: 'Mot de passe',
  staySignedIn: 'Rester connecté pendant 30 jours',
  signOut: 'Se déconnecter',
  signOutOf: 'Se déconnecter ({user})',
  otherUser: 'Se connecter sous un autre nom',
  tryAgain: 'Réessayer',

  wrongPassword: 'Le nom ou le mot de passe est incorrect.',
  throttled: 'Trop de mots de passe incorrects. Vous pourrez réessayer dans {seconds} s.',
  tryNow: 'Vous pouvez réessayer maintenant.',
  linkOver: 'Ce lien n’est plus valable. Demandez-en un autre, ou connectez-vous avec nom et mot de passe.',
  serverBusy: 'Le serveur est occupé. Réessayez dans un instant.',

  sessionOver: 'Votre session est terminée. Reconnectez-vous ; les programmes du bureau continuent.',
  signedOutByUser: 'Vous vous êtes déconnecté. Les programmes du bureau continuent.',
  browserRemembers:
    'Le navigateur connaît encore votre mot de passe pour ce serveur. Il l’oublie quand vous le fermez.',
  signOutFailed:
    'Le serveur n’a pas répondu et ne le sait peut-être pas. Reconnectez-vous puis déconnectez-vous plus tard.',
  userRemoved: 'Cet utilisateur a été supprimé.',
  passwordChanged: 'Le mot de passe a changé. Connectez-vous avec le nouveau.',
  loginEnded: 'Cette connexion a été fermée. Demandez un nouveau lien, ou connectez-vous.',
  replacedWhy: 'Une autre connexion a pris ce bureau. Reconnectez-vous pour le reprendre.',
  endedByOwner: 'Un propriétaire de ce bureau a mis fin à votre connexion.',
  shuttingDown: 'Le serveur s’arrête.',
  inUse: 'Le bureau est utilisé',
  inUseWhy:
    'Quelqu’un d’autre a ce bureau, réservé à une personne à la fois. Vous entrerez quand il sera libre.',
  originRefused: 'Le serveur refuse l’adresse de cette page',
  originRefusedWhy: 'Montrez ceci à la personne qui gère le serveur, puis réessayez :',
  socketRefused:
    'La page est chargée, mais le navigateur ne peut pas ouvrir la connexion de l’image. Soit il ne fait pas confiance au certificat du serveur (Safari n’ouvre alors que des pages) : approuvez cert.pem, du dossier de données du serveur, sur cet appareil. Soit un proxy ne transmet pas les WebSockets.',
};
