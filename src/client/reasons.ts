import { type TextName, text } from './text/texts.ts';

/** Sentences of the server, and of the page's connection, that the page has in all its languages. */
export const KNOWN_REASONS: Readonly<Record<string, TextName>> = {
  'This user was removed.': 'userRemoved',
  'The password was changed. Log in again.': 'passwordChanged',
  'You have logged out.': 'signedOutByUser',
  'This login was ended. Ask for a new one.': 'loginEnded',
  'Another connection has taken over this desktop.': 'replacedWhy',
  'An owner of this desktop has ended your connection.': 'endedByOwner',
  'The server is shutting down.': 'shuttingDown',
  'The server is stopping.': 'shuttingDown',
  'The server did not answer in time.': 'silentServer',
  'The network went silent.': 'silentNetwork',
};

/** Turns a reason of the server or the page into a sentence, in the page's language if it is a known one. */
export function sayReason(reason: string): string {
  const sentence = asSentence(reason);
  const name = KNOWN_REASONS[sentence];
  return name === undefined ? sentence : text(name);
}

/** Says why the page itself has ended a connection. What is wrong with the server's bytes has English details. */
export function sayFault(fault: string): string {
  const sentence = asSentence(fault);
  if (sentence === '' || Object.hasOwn(KNOWN_REASONS, sentence)) return sayReason(sentence);
  return text('unreadable', { detail: sentence });
}

/** Gives a program's text a capital letter and a full stop. */
function asSentence(reason: string): string {
  const trimmed = reason.trim();
  if (trimmed === '') return '';
  const capital = trimmed[0]!.toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}
