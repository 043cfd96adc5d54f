/** The texts that the page always has, in English. `{name}` is replaced. The other languages have the same names. */
export const TEXTS = {
  // The connection, and what is always there.
  desktop: 'Remote desktop',
  keysLabel: 'Keyboard input for the remote desktop. Press Control, Alt, Shift and M to leave it.',
  toolbar: 'Toolbar',
  toolbarHandle: 'Show or hide the toolbar',
  close: 'Close',
  allDesktops: 'All desktops',

  connecting: 'Connecting',
  reconnecting: 'Reconnecting',
  connected: 'Connected',
  disconnected: 'Disconnected',
  stalled: 'The server does not answer',
  stalledNotice: 'The server does not answer. What you type waits for it.',
  viewOnly: 'View only',
  viewOnlyNotice: 'You may only watch this desktop.',
  watchOnlyNotice: 'View only is on. Switch it off in the panel “View”.',
  retryNow: 'Reconnect now',
  retryIn: 'Trying again in {seconds} seconds',
  retryInOne: 'Trying again in 1 second',
  connectAgain: 'Connect again',

  signedOut: 'You are signed out',
  noAccess: 'No access to this desktop',
  noAccessWhy: 'Your account may not connect. Ask the owner of the desktop for the right to read.',
  ended: 'You were disconnected',
  endedWhy: 'The server has ended this connection.',
  tooMany: 'Too many connections',
  tooManyWhy: 'You or your network have as many connections as are allowed. Close one of them.',
  stopped: 'The server has stopped',
  lost: 'Connection lost',
  unreachable: 'The server can’t be reached',
  unreachableWhy: 'The network is down, or the server is not running.',
  offline: 'You are offline',
  offlineWhy: 'This device has no network. The page connects again when it is back.',
  notAvailable: 'The desktop is not available',
  notAvailableWhy: 'The server answers with an error ({status}).',
  failed: 'The connection failed',
  failedWhy: 'The server closed the connection without saying why.',
  silentServer: 'The server did not answer in time.',
  silentNetwork: 'The network went silent.',
  unreadable: 'The page could not read what the server has sent. {detail}',
  mayNotSee: 'You may not see this desktop',
  mayNotSeeWhy:
    'An owner took this right from you. The desktop comes back here as soon as you have it again.',

  // Logging in and out, and why the server refuses.
  signIn: 'Sign in',
  signingIn: 'Signing in',
  userName: 'Name',
  password: 'Password',
  staySignedIn: 'Stay signed in for 30 days',
  signOut: 'Sign out',
  signOutOf: 'Sign out ({user})',
  otherUser: 'Sign in as someone else',
  tryAgain: 'Try again',

  wrongPassword: 'The name or the password is wrong.',
  throttled: 'Too many wrong passwords. You can try again in {seconds} s.',
  tryNow: 'You can try again now.',
  linkOver: 'This link is no longer valid. Ask for a new one, or sign in with your name and password.',
  serverBusy: 'The server is busy. Try again in a moment.',

  sessionOver: 'Your session has ended. Sign in to go on; programs on the desktop keep running.',
  signedOutByUser: 'You have signed out. Programs on the desktop keep running.',
  browserRemembers:
    'The browser itself still knows your password for this server. It forgets it when you close it.',
  signOutFailed: 'The server did not answer, so it may not know yet. Sign in and out again when it is back.',
  userRemoved: 'This user was removed.',
  passwordChanged: 'The password was changed. Sign in with the new one.',
  loginEnded: 'This login was ended. Ask for a new link, or sign in.',
  replacedWhy: 'Another connection has taken over this desktop. Connect again to take it back.',
  endedByOwner: 'An owner of this desktop has ended your connection.',
  shuttingDown: 'The server is shutting down.',
  inUse: 'The desktop is in use',
  inUseWhy:
    'Another user has this desktop, and it is for one viewer at a time. You are let in when that user has left.',
  originRefused: 'The server refuses this page’s address',
  originRefusedWhy: 'Show this to whoever runs the server, and try again when it is mended:',
  socketRefused:
    'The page has loaded, but the browser cannot open the connection for the picture. Either it does not trust the server’s certificate (Safari then opens pages and nothing else): have cert.pem of the server’s data folder trusted on this device. Or a proxy does not pass on WebSockets.',
} as const;

export type TextName = keyof typeof TEXTS;

export type Texts = Readonly<Record<TextName, string>>;
