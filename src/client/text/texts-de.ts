import type { Texts } from './texts-en.ts';

/** The texts that the page always has, in German. */
export const TEXTS: Texts = {
  // The connection, and what is always there.
  desktop: 'Entfernter Desktop',
  keysLabel: 'Tastatureingabe für den entfernten Desktop. Strg, Alt, Umschalt und M führen hinaus.',
  toolbar: 'Werkzeugleiste',
  toolbarHandle: 'Werkzeugleiste zeigen oder verbergen',
  close: 'Schließen',
  allDesktops: 'Alle Desktops',

  connecting: 'Verbinde',
  reconnecting: 'Verbinde neu',
  connected: 'Verbunden',
  disconnected: 'Getrennt',
  stalled: 'Der Server antwortet nicht',
  stalledNotice: 'Der Server antwortet nicht. Was Sie tippen, wartet auf ihn.',
  viewOnly: 'Nur ansehen',
  viewOnlyNotice: 'Sie dürfen diesen Desktop nur ansehen.',
  watchOnlyNotice: '„Nur ansehen“ ist an. Im Bereich „Ansicht“ lässt es sich ausschalten.',
  retryNow: 'Jetzt verbinden',
  retryIn: 'Neuer Versuch in {seconds} Sekunden',
  retryInOne: 'Neuer Versuch in 1 Sekunde',
  connectAgain: 'Neu verbinden',

  signedOut: 'Sie sind abgemeldet',
  noAccess: 'Kein Zugang zu diesem Desktop',
  noAccessWhy: 'Ihr Konto darf sich nicht verbinden. Bitten Sie den Besitzer des Desktops um das Leserecht.',
  ended: 'Sie wurden getrennt',
  endedWhy: 'Der Server hat diese Verbindung beendet.',
  tooMany: 'Zu viele Verbindungen',
  tooManyWhy: 'Sie oder Ihr Netz haben so viele Verbindungen wie erlaubt. Schließen Sie eine davon.',
  stopped: 'Der Server wurde beendet',
  lost: 'Verbindung verloren',
  unreachable: 'Der Server ist nicht erreichbar',
  unreachableWhy: 'Das Netz ist gestört, oder der Server läuft nicht.',
  offline: 'Sie sind offline',
  offlineWhy: 'Dieses Gerät hat kein Netz. Die Seite verbindet sich wieder, sobald es da ist.',
  notAvailable: 'Der Desktop ist nicht verfügbar',
  notAvailableWhy: 'Der Server antwortet mit einem Fehler ({status}).',
  failed: 'Die Verbindung schlug fehl',
  failedWhy: 'Der Server hat die Verbindung ohne Grund geschlossen.',
  silentServer: 'Der Server hat nicht rechtzeitig geantwortet.',
  silentNetwork: 'Das Netz ist verstummt.',
  unreadable: 'Die Seite konnte nicht lesen, was der Server gesendet hat. {detail}',
  mayNotSee: 'Sie dürfen diesen Desktop nicht sehen',
  mayNotSeeWhy:
    'Ein Besitzer hat Ihnen dieses Recht genommen. Der Desktop erscheint wieder, sobald Sie es haben.',

  // Logging in and out, and why the server refuses.
  signIn: 'Anmelden',
  signingIn: 'Anmeldung läuft',
  userName: 'Name',
  password: 'Passwort',
  staySignedIn: '30 Tage angemeldet bleiben',
  signOut: 'Abmelden',
  signOutOf: 'Abmelden ({user})',
  otherUser: 'Als jemand anderes anmelden',
  tryAgain: 'Erneut versuchen',

  wrongPassword: 'Der Name oder das Passwort ist falsch.',
  throttled: 'Zu viele falsche Passwörter. In {seconds} s können Sie es wieder versuchen.',
  tryNow: 'Sie können es jetzt wieder versuchen.',
  linkOver:
    'Dieser Link gilt nicht mehr. Bitten Sie um einen neuen, oder melden Sie sich mit Name und Passwort an.',
  serverBusy: 'Der Server ist beschäftigt. Versuchen Sie es gleich noch einmal.',

  sessionOver:
    'Ihre Sitzung ist abgelaufen. Melden Sie sich wieder an; Programme auf dem Desktop laufen weiter.',
  signedOutByUser: 'Sie haben sich abgemeldet. Programme auf dem Desktop laufen weiter.',
  browserRemembers:
    'Der Browser selbst kennt Ihr Passwort für diesen Server noch. Er vergisst es, wenn Sie ihn schließen.',
  signOutFailed:
    'Der Server hat nicht geantwortet und weiß es vielleicht nicht. Melden Sie sich später erneut an und ab.',
  userRemoved: 'Dieser Benutzer wurde entfernt.',
  passwordChanged: 'Das Passwort wurde geändert. Melden Sie sich mit dem neuen an.',
  loginEnded: 'Diese Anmeldung wurde beendet. Bitten Sie um einen neuen Link, oder melden Sie sich an.',
  replacedWhy:
    'Eine andere Verbindung hat diesen Desktop übernommen. Verbinden Sie neu, um ihn zurückzuholen.',
  endedByOwner: 'Ein Besitzer dieses Desktops hat Ihre Verbindung beendet.',
  shuttingDown: 'Der Server wird beendet.',
  inUse: 'Der Desktop ist in Gebrauch',
  inUseWhy:
    'Jemand anderes hat diesen Desktop, und er ist für einen zur Zeit. Sie kommen hinein, sobald er frei ist.',
  originRefused: 'Der Server lehnt die Adresse dieser Seite ab',
  originRefusedWhy:
    'Zeigen Sie dies der Person, die den Server betreibt, und versuchen Sie es danach erneut:',
  socketRefused:
    'Die Seite ist geladen, doch der Browser kann die Verbindung für das Bild nicht öffnen. Entweder traut er dem Zertifikat des Servers nicht (Safari öffnet dann nur Seiten): Lassen Sie cert.pem aus dem Datenordner des Servers auf diesem Gerät gelten. Oder ein Proxy reicht WebSockets nicht weiter.',
};
