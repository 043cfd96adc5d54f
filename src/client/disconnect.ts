import type { OverlayView } from './ui/overlay.ts';

/** What is known about the end of a connection. */
export interface Disconnect {
  /** What the server said before it closed, in a disconnect notice or as the WebSocket's close reason. */
  readonly serverReason: string;
  /** What went wrong on this side: an error of the protocol, a picture that does not decode, a silent network. */
  readonly localReason: string;
  /** The server's answer when it was asked for the page again; undefined where it did not answer. */
  readonly probeStatus: number | undefined;
  /** Whether the desktop was ever shown on this connection. */
  readonly wasConnected: boolean;
}

export interface Explanation {
  readonly title: string;
  readonly reason: string;
  /** Whether it can come right without anybody doing something here. */
  readonly retries: boolean;
}

/** Says in a person's words why there is no connection. */
export function explainDisconnect(end: Disconnect): Explanation {
  const said = sentence(end.serverReason);
  if (end.probeStatus === 401) {
    return {
      title: 'You are signed out',
      reason: said || 'The server no longer accepts this name and password.',
      retries: false,
    };
  }
  if (end.probeStatus === 403) {
    return {
      title: 'No access to this desktop',
      reason: said || 'Your account may not connect. Ask the owner of the desktop for the right to read.',
      retries: false,
    };
  }
  if (end.probeStatus === undefined) {
    return {
      title: end.wasConnected ? 'Connection lost' : 'The server can’t be reached',
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

/** Shown while connected: the picture comes back with the right. */
export const NO_RIGHT_TO_READ: OverlayView = {
  kind: 'notice',
  title: 'You may not see this desktop',
  reason: 'An owner took this right from you. The desktop comes back here as soon as you have it again.',
};

/** The overlay for it. A `retryAtMs` is needed where it retries. */
export function overlayFor(explanation: Explanation, retryAtMs: number): OverlayView {
  const { title, reason, retries } = explanation;
  return retries
    ? { kind: 'waiting', title, reason, retryAtMs }
    : { kind: 'ended', title, reason, action: 'Sign in again' };
}

/** Reasons come from a program: they start with a capital and end with a full stop here, whatever they were. */
function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const capital = trimmed[0]!.toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}
