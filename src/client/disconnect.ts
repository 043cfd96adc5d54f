import { sayFault, sayReason } from './reasons.ts';
import { text } from './text/texts.ts';
import type { OverlayView } from './ui/overlay.ts';

/** Facts about the end of a connection, as the page knows them. */
export interface Disconnect {
  /** Reason given by the server, in a disconnect notice or as the WebSocket's close reason. */
  readonly serverReason: string;
  /** Reason found by the page: a protocol error, a picture that cannot be decoded, a silent network. */
  readonly localReason: string;
  /** HTTP status when the page was requested again; undefined if the server did not answer. */
  readonly probeStatus: number | undefined;
  /** The code of that answer, if it was a refusal. */
  readonly code?: string | undefined;
  /** Seconds after which the server may take a login again. */
  readonly retryAfterS?: number | undefined;
  /** Why a desktop of a fleet is not there, if that is the reason. */
  readonly absence?: Absence | undefined;
  /** Whether the server has said that the page should not connect again by itself. */
  readonly isFinal: boolean;
  /** Whether this connection ever showed the desktop. */
  readonly wasConnected: boolean;
  /** Whether the browser could open the WebSocket at all. */
  readonly hasOpened: boolean;
  /** Whether this browser was logged in before. */
  readonly wasLoggedIn: boolean;
  /** Whether the browser says that the device has a network. */
  readonly isOnline: boolean;
}

/** Why a desktop of a fleet is not there. */
export interface Absence {
  readonly title: string;
  readonly reason: string;
  /** Whether it will not come back. */
  readonly isOver: boolean;
}

export interface Explanation {
  readonly title: string;
  readonly reason: string;
  /**
   * What comes next: the page connects again by itself; the same, again and again until the desktop is there; the user
   * clicks for that; or the user logs in.
   */
  readonly next: 'retry' | 'wait' | 'connect' | 'log in';
  /** What the button says that connects. */
  readonly action?: string;
  /** Whether somebody else might be let in. */
  readonly mayBeOther?: boolean;
  /** Whether the user may no longer see the desktop, not even as it was. */
  readonly hidesPicture?: boolean;
}

/** Explains the end of a connection to the user. */
export function explainDisconnect(end: Disconnect): Explanation {
  const said = sayReason(end.serverReason);
  if (end.probeStatus === 401) return { ...explainLogin(end, said), next: 'log in', hidesPicture: true };
  if (end.probeStatus === 403) return { ...explainRefusal(end, said), next: 'connect', hidesPicture: true };
  if (end.absence) {
    const { title, reason, isOver } = end.absence;
    if (!isOver) return { title, reason, next: 'wait' };
    return { title, reason, next: 'connect', action: text('tryAgain'), hidesPicture: true };
  }
  if (end.isFinal) {
    return {
      title: text('ended'),
      reason: said || text('endedWhy'),
      next: 'connect',
      action: text('connectAgain'),
    };
  }
  return { ...explainBreak(end, said), next: 'retry' };
}

type Words = Pick<Explanation, 'title' | 'reason'>;

function explainLogin({ code, retryAfterS, wasLoggedIn }: Disconnect, said: string): Words {
  if (code === 'HTTP_TOO_MANY_LOGINS')
    return { title: text('signIn'), reason: text('throttled', { seconds: retryAfterS ?? 1 }) };
  if (said) return { title: text('signedOut'), reason: said };
  // A visitor who has not logged in yet needs no explanation.
  if (!wasLoggedIn) return { title: text('signIn'), reason: '' };
  return { title: text('signedOut'), reason: text('sessionOver') };
}

function explainRefusal({ code }: Disconnect, said: string): Omit<Explanation, 'next'> {
  const action = text('tryAgain');
  if (code === 'HTTP_FOREIGN_PAGE' || code === 'HTTP_NAVIGATION')
    return { title: text('originRefused'), reason: join(text('originRefusedWhy'), said), action };
  return { title: text('noAccess'), reason: said || text('noAccessWhy'), action, mayBeOther: true };
}

/** Explains a break after which the page connects again. */
function explainBreak(end: Disconnect, said: string): Words {
  const { probeStatus, code, wasConnected, localReason } = end;
  if (code === 'SESSION_EXCLUSIVE') return { title: text('inUse'), reason: text('inUseWhy') };
  if (probeStatus === 429) return { title: text('tooMany'), reason: said || text('tooManyWhy') };
  if (probeStatus === undefined && !end.isOnline)
    return { title: text('offline'), reason: text('offlineWhy') };
  if (probeStatus === undefined) {
    const title = said ? text('stopped') : wasConnected ? text('lost') : text('unreachable');
    return { title, reason: said || text('unreachableWhy') };
  }
  if (probeStatus >= 500)
    return { title: text('notAvailable'), reason: said || text('notAvailableWhy', { status: probeStatus }) };
  // The server would have said why. Safari opens pages with a certificate that it does not trust, but no WebSockets.
  if (probeStatus === 200 && !end.hasOpened && !said && !localReason)
    return { title: text('failed'), reason: text('socketRefused') };
  const title = wasConnected ? text('disconnected') : text('failed');
  return { title, reason: said || sayFault(localReason) || text('failedWhy') };
}

const join = (...sentences: readonly string[]): string => sentences.filter(Boolean).join(' ');

/** Notice shown while connected without `read`. */
export const noRightToRead = (): OverlayView => ({
  kind: 'notice',
  title: text('mayNotSee'),
  reason: text('mayNotSeeWhy'),
});

/** Overlay for an explanation. `retryAtMs` is used only if the page retries. */
export function overlayFor(explanation: Explanation, retryAtMs: number): OverlayView {
  const { title, reason, next, action = text('connectAgain'), mayBeOther } = explanation;
  switch (next) {
    case 'retry':
      return { kind: 'waiting', title, reason, retryAtMs };
    case 'wait':
      return { kind: 'notice', title, reason };
    case 'connect':
      return { kind: 'ended', title, reason, action, ...(mayBeOther && { other: text('otherUser') }) };
    case 'log in':
      return { kind: 'form', title, reason };
  }
}
