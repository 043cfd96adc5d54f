import type { XConnection } from '../wire/connection.ts';
import { sendRaw } from '../wire/raw-request.ts';
import { SEND_EVENT } from '../wire/record.ts';

const KEY_RELEASE = 3;
const CLIENT_MESSAGE = 33;
const MAPPING_NOTIFY = 34;
const EVENT_BYTES = 32;

/** Places of the window and of the event in a SendEvent. */
const SENT_TO_AT = 4;
const SENT_EVENT_AT = 12;

/** Bit of the type of an event that another program has sent. A program may send it on with the event. */
const WAS_SENT = 0x80;

/** Format of a message whose content are words. */
const WORDS = 32;

/** Places in a ClientMessage: its type, and the content of a ping and of its answer. */
const TYPE_AT = 8;
const PROTOCOL_AT = 12;
const NUMBER_AT = 16;
const PINGED_AT = 20;

/** The atoms WM_PROTOCOLS and _NET_WM_PING. */
export interface PingAtoms {
  readonly protocols: number;
  readonly ping: number;
}

/** Sends an event to the program that owns a window. */
export function sendEvent(x: XConnection, window: number, event: Buffer): void {
  const request = Buffer.alloc(SENT_EVENT_AT + EVENT_BYTES);
  request.writeUInt8(SEND_EVENT, 0);
  request.writeUInt32LE(window, SENT_TO_AT);
  event.copy(request, SENT_EVENT_AT);
  if (x.isOpen) sendRaw(x.client, request);
}

/** The window and the event of a SendEvent, if that is a ClientMessage. */
export function readSentMessage(
  request: Buffer,
): { readonly window: number; readonly event: Buffer } | undefined {
  if (request.length < SENT_EVENT_AT + EVENT_BYTES) return undefined;
  const event = request.subarray(SENT_EVENT_AT);
  if ((event.readUInt8(0) & ~WAS_SENT) !== CLIENT_MESSAGE) return undefined;
  return { window: request.readUInt32LE(SENT_TO_AT), event };
}

/** A ping with a number, which the program sends to the root window. */
export function ping(window: number, atoms: PingAtoms, number: number): Buffer {
  const event = Buffer.alloc(EVENT_BYTES);
  event.writeUInt8(CLIENT_MESSAGE, 0);
  event.writeUInt8(WORDS, 1);
  event.writeUInt32LE(window, 4);
  event.writeUInt32LE(atoms.protocols, TYPE_AT);
  event.writeUInt32LE(atoms.ping, PROTOCOL_AT);
  event.writeUInt32LE(number, NUMBER_AT);
  event.writeUInt32LE(window, PINGED_AT);
  return event;
}

/** The number of the ping that a ClientMessage answers, if it answers one. */
export function pongNumber(message: Buffer, atoms: PingAtoms): number | undefined {
  const isPong =
    message.readUInt32LE(TYPE_AT) === atoms.protocols && message.readUInt32LE(PROTOCOL_AT) === atoms.ping;
  return isPong ? message.readUInt32LE(NUMBER_AT) : undefined;
}

/** Says that a key was released. */
export function keyRelease(window: number, root: number, keycode: number): Buffer {
  const event = Buffer.alloc(EVENT_BYTES);
  event.writeUInt8(KEY_RELEASE, 0);
  event.writeUInt8(keycode, 1);
  event.writeUInt32LE(root, 8);
  event.writeUInt32LE(window, 12);
  event.writeUInt8(1, 30);
  return event;
}

/** Says that the modifiers have changed. */
export function modifiersChanged(): Buffer {
  const event = Buffer.alloc(EVENT_BYTES);
  event.writeUInt8(MAPPING_NOTIFY, 0);
  return event;
}
