// The X requests of a capture, as bytes (X protocol; fixesproto; damageproto).

import type { Rect, Size } from '../../../pixels/rect.ts';

const CREATE_DAMAGE = 1;
const SUBTRACT_DAMAGE = 3;
const QUERY_VERSION = 0;
const CREATE_REGION = 5;
const FETCH_REGION = 19;

const GET_GEOMETRY = 14;
const GET_IMAGE = 73;
const Z_PIXMAP = 2;
const ALL_PLANES = 0xffffffff;

/** Where a reply with a list or an image has it. */
export const REPLY_DATA_AT = 32;
const WORD_BYTES = 4;
const XRECT_BYTES = 8;

/** Packs a request: its opcode, the byte behind it, and words. */
function request(opcode: number, detail: number, ...words: number[]): Buffer {
  const bytes = Buffer.alloc((1 + words.length) * WORD_BYTES);
  bytes[0] = opcode;
  bytes[1] = detail;
  bytes.writeUInt16LE(1 + words.length, 2);
  for (const [i, word] of words.entries()) bytes.writeUInt32LE(word >>> 0, (1 + i) * WORD_BYTES);
  return bytes;
}

export const GRAB_SERVER = request(36, 0);
export const UNGRAB_SERVER = request(37, 0);

/** QueryVersion of DAMAGE or XFIXES, which both want before any other request. */
export const queryVersion = (opcode: number, major: number, minor: number): Buffer =>
  request(opcode, QUERY_VERSION, major, minor);

export const createDamage = (opcode: number, damage: number, drawable: number, level: number): Buffer =>
  request(opcode, CREATE_DAMAGE, damage, drawable, level);

/** Takes all damage away, into the region `parts`; 0 for none. */
export const subtractDamage = (opcode: number, damage: number, parts: number): Buffer =>
  request(opcode, SUBTRACT_DAMAGE, damage, 0, parts);

export const createRegion = (opcode: number, region: number): Buffer =>
  request(opcode, CREATE_REGION, region);

export const fetchRegion = (opcode: number, region: number): Buffer => request(opcode, FETCH_REGION, region);

/** Calls `visit` with each rect in a reply to FetchRegion. */
export function visitRegion(reply: Buffer, visit: (rect: Rect) => void): void {
  for (let at = REPLY_DATA_AT; at < reply.length; at += XRECT_BYTES) visit(readXRect(reply, at));
}

export const getGeometry = (drawable: number): Buffer => request(GET_GEOMETRY, 0, drawable);

/** Reads the size in a reply to GetGeometry. */
export const geometrySize = (reply: Buffer): Size => ({
  width: reply.readUInt16LE(16),
  height: reply.readUInt16LE(18),
});

/** A GetImage request for whole pixels, to be aimed by `aimImage`. */
export const getImage = (drawable: number): Buffer =>
  request(GET_IMAGE, Z_PIXMAP, drawable, 0, 0, ALL_PLANES);

/** Sets the rect of a GetImage request. */
export function aimImage(image: Buffer, { x, y, width, height }: Rect): Buffer {
  image.writeInt16LE(x, 8);
  image.writeInt16LE(y, 10);
  image.writeUInt16LE(width, 12);
  image.writeUInt16LE(height, 14);
  return image;
}

/** A DamageNotify event. */
export const damagedArea = (event: Buffer): Rect => readXRect(event, 16);
export const damagedScreen = (event: Buffer): Size => ({
  width: event.readUInt16LE(28),
  height: event.readUInt16LE(30),
});

function readXRect(packet: Buffer, at: number): Rect {
  return {
    x: packet.readInt16LE(at),
    y: packet.readInt16LE(at + 2),
    width: packet.readUInt16LE(at + 4),
    height: packet.readUInt16LE(at + 6),
  };
}
