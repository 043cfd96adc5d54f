import type { Audit, Door } from '../../audit/audit.ts';
import type { AuditErrorCode } from '../../audit/errors.ts';
import type { ClientMessage } from '../../protocol/client-messages.ts';
import type { ClipboardDirection, ClipboardRefusal } from '../dlp/clipboard-gate.ts';

type MessageType = ClientMessage['type'];

/** The doors that messages use. The other messages concern only the viewer's own picture and connection. */
const DOOR_OF: Readonly<Record<MessageType, Door | undefined>> = {
  key: 'input',
  pointer: 'input',
  relativeMouse: 'input',
  clientCutText: 'clipboard',
  extendedClipboard: 'clipboard',
  binaryClipboard: 'clipboard',
  setDesktopSize: 'resize',
  subscribeRelay: 'kasm',
  relayData: 'kasm',
  udpUpgrade: 'kasm',

  setPixelFormat: undefined,
  setEncodings: undefined,
  updateRequest: undefined,
  enableContinuousUpdates: undefined,
  fence: undefined,
  latencyProbe: undefined,
  frameStats: undefined,
  setMaxVideoResolution: undefined,
  requestBottleneckStats: undefined,
  networkStats: undefined,
  systemStats: undefined,
  videoCodecs: undefined,
  keepAlive: undefined,
};

/** Time for which messages of a kind are not recorded again. Longer has fewer lines, shorter says more of when. */
const QUIET_MS = 10 * 60_000;

const CLIPBOARD_CODES: Readonly<Record<ClipboardRefusal, AuditErrorCode>> = {
  disabled: 'AUDIT_CLIPBOARD_OFF',
  'too large': 'AUDIT_CLIPBOARD_SIZE',
  'too soon': 'AUDIT_CLIPBOARD_RATE',
  type: 'AUDIT_CLIPBOARD_TYPE',
};

export interface AuditedConnection {
  readonly user: string;
  /** The token or ticket of its login. */
  readonly pass: string | undefined;
  readonly address: string;
  /** Its id. */
  readonly connection: string;
}

/**
 * Records what one viewer does and what it is refused. Of each kind of message the first one is recorded, and again
 * after a while: a line for each key would tell what was typed.
 */
export class ViewerAudit {
  readonly #audit: Audit;
  readonly #who: AuditedConnection;
  readonly #door: 'websocket' | 'rfb';
  readonly #nowMs: () => number;
  /** Kinds that were recorded, by code, each with the time until which it is not recorded again. */
  readonly #quietUntilMs = new Map<string | undefined, Map<string, number>>();

  constructor(
    audit: Audit,
    door: 'websocket' | 'rfb',
    who: AuditedConnection,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#audit = audit;
    this.#door = door;
    this.#who = who;
    this.#nowMs = nowMs;
  }

  opened(): void {
    this.#audit.record({ door: this.#door, outcome: 'done', what: 'opened', ...this.#who });
  }

  closed(): void {
    this.#audit.record({ door: this.#door, outcome: 'done', what: 'closed', ...this.#who });
  }

  /** The connection is closed because the viewer broke a rule. */
  failed(code: string): void {
    this.#audit.record({ door: this.#door, outcome: 'refused', what: 'closed', code, ...this.#who });
  }

  /** The viewer sent a message. Called for every message, so that it has to be quick. */
  message(type: MessageType, isAllowed: boolean): void {
    const door = DOOR_OF[type];
    if (door === 'kasm') this.#note(door, type, 'AUDIT_NOT_OFFERED');
    else if (door !== undefined) this.#note(door, type, isAllowed ? undefined : 'AUDIT_NO_WRITE');
  }

  /** The viewer was sent the desktop's clipboard, or told that it may ask for it. */
  clipboardOffered(): void {
    this.#note('clipboard', 'offered', undefined);
  }

  /** A content did not pass, because of the user's rules. */
  clipboardRefused(direction: ClipboardDirection, refusal: ClipboardRefusal): void {
    this.#note('clipboard', direction === 'toClient' ? 'offered' : 'set', CLIPBOARD_CODES[refusal]);
  }

  /** A part of an input message was refused, because of the user's rules. */
  inputRefused(type: MessageType, code: AuditErrorCode): void {
    this.#note('input', type, code);
  }

  #note(door: Door, what: string, code: AuditErrorCode | undefined): void {
    const quietUntilMs = this.#quietUntilMs.get(code) ?? new Map<string, number>();
    const nowMs = this.#nowMs();
    if (nowMs < (quietUntilMs.get(what) ?? 0)) return;
    this.#quietUntilMs.set(code, quietUntilMs.set(what, nowMs + QUIET_MS));
    this.#audit.record({
      ...{ door, what, code, ...this.#who },
      outcome: code === undefined ? 'done' : 'refused',
    });
  }
}
