// What viewers are told when they are ended because of their login. The page knows these sentences in its languages.

export const USER_REMOVED = 'This user was removed.';
export const PASSWORD_CHANGED = 'The password was changed. Log in again.';
/** The page's user has logged out, in this page or in another one of the browser. */
export const LOGGED_OUT = 'You have logged out.';
/** A token or a ticket has ended. */
export const LOGIN_ENDED = 'This login was ended. Ask for a new one.';
