/** What a token may be good for. docs/tokens.md lists the same. */
const SCOPES = {
  stats: 'Read statistics and metrics of viewers, frames and the host.',
  screenshot: 'Take screenshots.',
  events: 'Be told what happens.',
  users: 'List, add, change and remove users. Such a token can make an owner.',
  viewers: 'List viewers, end them, send them messages and full frames.',
  clipboard: 'Read, set and clear the clipboard.',
  files: 'List the Downloads folder.',
  tickets: 'Make, list and revoke tickets, which log browsers in.',
  desktops: 'In a fleet: make, change, pause and end desktops, and read templates and hosts.',
  view: 'See the desktop: the page, and viewers that only watch.',
  control: 'Use its mouse, keyboard and clipboard, and change its size. Includes `view`.',
  admin: 'Everything that the user of the token may do, tokens too.',
} as const;

export type Scope = keyof typeof SCOPES;

/** The scope that a call of the API needs of a token. `any`: each token of an owner may make the call. */
export type CallScope = Scope | 'any';

export const ALL_SCOPES = Object.keys(SCOPES) as Scope[];

/** What a scope is good for, as a sentence. */
export const describeScope = (scope: Scope): string => SCOPES[scope];

export const isScope = (text: unknown): text is Scope =>
  typeof text === 'string' && Object.hasOwn(SCOPES, text);

/** Whether a token with the scopes `given` may do what needs the scope `needed`. */
export function allows(given: readonly Scope[], needed: CallScope): boolean {
  if (needed === 'any' || given.includes('admin') || given.includes(needed)) return true;
  return needed === 'view' && given.includes('control');
}
