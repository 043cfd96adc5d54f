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
  /** Whether the server has said that the page should not connect again by itself. */
  readonly isFinal: boolean;
  /** Whether this connection ever showed the desktop. */
  readonly wasConnected: boolean;
}

export interface Explanation {
  readonly title: string;
  readonly reason: string;
  /** Whether the page should retry by itself. */
  readonly retries: boolean;
  /** What the user can do if it does not. Default: sign in again. */
  readonly action?: string;
  /** Whether the user may no longer see the desktop, not even as it was. */
  readonly hidesPicture?: boolean;
}

/** Explains the end of a connection to the user. */
export function explainDisconnect(end: Disconnect): Explanation {
  const said = sentence(end.serverReason);
  if (end.probeStatus === 401) {
    return {
      title: text('signedOut'),
      reason: said || text('signedOutWhy'),
      retries: false,
      hidesPicture: true,
    };
  }
  if (end.probeStatus === 403) {
    return {
      title: text('noAccess'),
      reason: said || text('noAccessWhy'),
      retries: false,
      hidesPicture: true,
    };
  }
  if (end.isFinal) {
    return {
      title: text('ended'),
      reason: said || text('endedWhy'),
      retries: false,
      action: text('connectAgain'),
    };
  }
  if (end.probeStatus === 429) {
    return {
      title: text('tooMany'),
      reason: said || text('tooManyWhy'),
      retries: true,
    };
  }
  if (end.probeStatus === undefined) {
    return {
      title: said ? text('stopped') : end.wasConnected ? text('lost') : text('unreachable'),
      reason: said || text('unreachableWhy'),
      retries: true,
    };
  }
  if (end.probeStatus >= 500) {
    return {
      title: text('notAvailable'),
      reason: said || text('notAvailableWhy', { status: end.probeStatus }),
      retries: true,
    };
  }
  return {
    title: end.wasConnected ? text('disconnected') : text('failed'),
    reason: said || sentence(end.localReason) || text('failedWhy'),
    retries: true,
  };
}

/** Notice shown while connected without `read`. */
export const noRightToRead = (): OverlayView => ({
  kind: 'notice',
  title: text('mayNotSee'),
  reason: text('mayNotSeeWhy'),
});

/** Overlay for an explanation. `retryAtMs` is used only if the page retries. */
export function overlayFor(explanation: Explanation, retryAtMs: number): OverlayView {
  const { title, reason, retries, action = text('signInAgain') } = explanation;
  return retries ? { kind: 'waiting', title, reason, retryAtMs } : { kind: 'ended', title, reason, action };
}

/** Turns a program's text into a sentence: with a capital letter and a full stop. */
function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const capital = trimmed[0]!.toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}
