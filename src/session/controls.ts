import type { Logger } from 'pino';
import type { Rights } from '../accounts/user.ts';
import type { Audit } from '../audit/audit.ts';
import type { Desktop, WantedSize } from '../desktop/desktop.ts';
import type { Size } from '../pixels/rect.ts';
import { type ClipboardContent, type ClipboardFormat, partOf } from '../protocol/clipboard-content.ts';
import type { Audience } from './audience.ts';
import { ClipboardGate, type ClipboardRefusal } from './dlp/clipboard-gate.ts';
import { logClipboardUses } from './dlp/clipboard-log.ts';
import type { Onlooker } from './dlp/overlays.ts';
import type { UserLimits } from './dlp/user-limits.ts';
import { SessionError, type SessionErrorCode } from './errors.ts';
import type { ViewerFacts } from './viewer/viewer-facts.ts';

/** Told to a viewer that an owner ends without a reason. */
const ENDED = 'An owner of this desktop has ended your connection.';

/** One viewer, as the API lists it. */
export interface ListedViewer extends ViewerFacts {
  readonly id: string;
  readonly user: string;
  readonly address: string;
  readonly connectedSince: Date;
}

/** The user for whom a clipboard is read or set. */
interface ClipboardUser {
  readonly name: string;
  readonly rights: Rights;
}

/** The viewers that a message is for; all of them if neither is given. */
interface MessageTarget {
  readonly viewers?: readonly string[] | undefined;
  readonly user?: string | undefined;
}

/** What an owner does with the viewers and the desktop of a session. */
export interface SessionControls {
  /** The viewers, in the order in which they connected. */
  viewers(): ListedViewer[];
  /** Ends a viewer's connection, for an owner. Throws SessionError `SESSION_NO_SUCH_CLIENT`. */
  end(id: string, reason: string | undefined, owner: Onlooker): void;
  /** Shows a sentence. Returns the number of viewers that can show it. Throws SessionError `SESSION_NO_SUCH_CLIENT`. */
  say(text: string, target: MessageTarget): number;
  /** Resizes the desktop. Resolves with its size afterwards. Rejects with a DesktopError. */
  resize(size: WantedSize): Promise<Size>;
  /**
   * What the desktop has on its clipboard in this form; undefined if that is nothing. Throws a SessionError if the user
   * may not have it.
   */
  readClipboard(user: ClipboardUser, format: ClipboardFormat): Uint8Array | undefined;
  /** Sets the desktop's clipboard. Rejects with a SessionError if the user may not, or with a DesktopError. */
  writeClipboard(user: ClipboardUser, content: ClipboardContent): Promise<void>;
}

interface ControlsOptions {
  readonly desktop: Pick<Desktop, 'revive'>;
  readonly audience: Audience;
  readonly limitsOf: (user: string) => UserLimits;
  readonly log: Logger;
  readonly audit: Audit;
}

const REFUSALS: Readonly<Record<ClipboardRefusal, SessionErrorCode>> = {
  disabled: 'SESSION_CLIPBOARD_OFF',
  type: 'SESSION_CLIPBOARD_TYPE',
  'too large': 'SESSION_CLIPBOARD_SIZE',
  'too soon': 'SESSION_CLIPBOARD_RATE',
};

/** Makes the controls of a session. */
export function createControls({
  desktop,
  audience,
  limitsOf,
  log,
  audit,
}: ControlsOptions): SessionControls {
  const find = (id: string) => {
    const found = audience.viewers.find((viewer) => viewer.id === id);
    if (found === undefined) throw new SessionError('SESSION_NO_SUCH_CLIENT', id);
    return found;
  };
  /** The gate of one use, and why it was shut. */
  const gateFor = ({ name, rights }: ClipboardUser) => {
    if (!rights.write) throw new SessionError('SESSION_NO_WRITE');
    const limits = limitsOf(name);
    const logUse = logClipboardUses(log, { id: 'api', user: name, limits });
    let refusal: ClipboardRefusal | undefined;
    const gate = new ClipboardGate(
      limits,
      () => performance.now(),
      (use) => {
        refusal = use.refusal;
        logUse(use);
      },
    );
    const refused = (): SessionError => new SessionError(REFUSALS[refusal ?? 'disabled']);
    return { gate, refused };
  };

  return {
    viewers: () => {
      const nowMs = performance.now();
      return audience.viewers.map((viewer) => {
        const { id, user, address, connectedSince } = viewer;
        return { id, user, address, connectedSince, ...viewer.facts(nowMs) };
      });
    },
    end: (id, reason, owner) => {
      find(id).close(reason ?? ENDED, { isFinal: true });
      audit.record({ door: 'api', outcome: 'done', what: 'viewer ended', ...owner, connection: id });
    },
    say: (text, { viewers, user }) => {
      const named = viewers?.map(find) ?? audience.viewers;
      const meant = named.filter((viewer) => user === undefined || viewer.user === user);
      return [...new Set(meant)].filter((viewer) => viewer.say(text)).length;
    },
    resize: (size) => {
      desktop.revive();
      return audience.resizeFor(size);
    },
    readClipboard: (user, format) => {
      const { gate, refused } = gateFor(user);
      if (gate.refusesAny('toClient')) throw refused();
      const held = audience.desktopClipboard.pasteable((how) => gate.concerns(how));
      if (held?.tooLarge.includes(format)) {
        gate.refuseLarge('toClient', undefined, [format]);
        throw refused();
      }
      const bytes = held?.content.get(format);
      if (held === undefined || bytes === undefined) return undefined;
      if (gate.pass('toClient', partOf(held.content, [format]), held.change).length === 0) throw refused();
      return bytes;
    },
    writeClipboard: async (user, content) => {
      const { gate, refused } = gateFor(user);
      if (gate.pass('toServer', content).length === 0) throw refused();
      desktop.revive();
      await audience.setClipboardFor(content);
    },
  };
}
