import { ANCHORS, type SharedFrame } from '../shared-frame.ts';

/** The frame has a list of places for each of its two pictures. */
export type ListedPicture = 'incoming' | 'shown';

/** Words of an entry: the hash of what is at the place, and the place. */
export const ENTRY_WORDS = 2;
const ENTRY_BYTES = ENTRY_WORDS * Uint32Array.BYTES_PER_ELEMENT;

/** Address of an entry of a picture's list. */
export const entryAt = (frame: SharedFrame, picture: ListedPicture, index: number): number =>
  frame.anchorsAt + ((picture === 'shown' ? 0 : ANCHORS) + index) * ENTRY_BYTES;

/** The first `count` entries of a picture's list. */
export const entriesOf = (frame: SharedFrame, picture: ListedPicture, count: number): Uint32Array =>
  new Uint32Array(frame.memory.buffer, entryAt(frame, picture, 0), count * ENTRY_WORDS);
