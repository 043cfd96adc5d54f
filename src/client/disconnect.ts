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
      title: 'You are signed out',
      reason: said || 'The server no longer accepts this name and password.',
      retries: false,
      hidesPicture: true,
    };
  }
  if (end.probeStatus === 403) {
    return {
      title: 'No access to this desktop',
      reason: said || 'Your account may not connect. Ask the owner of the desktop for the right to read.',
      retries: false,
      hidesPicture: true,
    };
  }
  if (end.isFinal) {
    return {
      title: 'You were disconnected',
      reason: said || 'The server has ended this connection.',
      retries: false,
      action: 'Connect again',
    };
  }
  if (end.probeStatus === 429) {
    return {
      title: 'Too many connections',
      reason: said || 'You or your network have as many connections as are allowed. Close one of them.',
      retries: true,
    };
  }
  if (end.probeStatus === undefined) {
    return {
      title: said
        ? 'The server has stopped'
        : end.wasConnected
          ? 'Connection lost'
          : 'The server can’t be reached',
      reason: said || 'The network is down, or the server is not running.',
      retries: true,
    };
  }
  if (end.probeStatus >= 500) {
    return {
      title: 'The desktop is not available',
      reason: said || `The server answers with an error (${end.probeStatus}).`,
      retries: true,
    };
  }
  return {
    title: end.wasConnected ? 'Disconnected' : 'The connection failed',
    reason: said || sentence(end.localReason) || 'The server closed the connection without saying why.',
    retries: true,
  };
}

/** Notice shown while connected without `read`. */
export const NO_RIGHT_TO_READ: OverlayView = {
  kind: 'notice',
  title: 'You may not see this desktop',
  reason: 'An owner took this right from you. The desktop comes back here as soon as you have it again.',
};

/** Overlay for an explanation. `retryAtMs` is used only if the page retries. */
export function overlayFor(explanation: Explanation, retryAtMs: number): OverlayView {
  const { title, reason, retries, action = 'Sign in again' } = explanation;
  return retries ? { kind: 'waiting', title, reason, retryAtMs } : { kind: 'ended', title, reason, action };
}

/** Turns a program's text into a sentence: with a capital letter and a full stop. */
function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const capital = trimmed[0]!.toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}
