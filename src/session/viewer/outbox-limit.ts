import type { Rights } from '../../accounts/user.ts';
import { areaPx, type Size } from '../../pixels/rect.ts';

/**
 * Bytes, in addition to one picture, that may wait for a viewer that does not read: answers to its own questions.
 * A larger value lets such a viewer take more memory; a smaller one ends viewers on slow links that ask much at once.
 */
const MOST_WAITING_BYTES = 8 << 20;

/**
 * The same for a viewer that may write, which is sent clipboards: the longest one, once as text that is being
 * compressed, once compressed, and once on its way.
 */
const MOST_WAITING_BYTES_OF_WRITER = 32 << 20;

/** Bytes of the largest update, per pixel of the screen: twice those of a Raw one. */
const MOST_UPDATE_BYTES_PER_PX = 8;

/** Bytes of headers and cursors in an update, which a small screen would not allow for. */
const UPDATE_OVERHEAD_BYTES = 1 << 20;

/** Bytes, in addition to one update's picture, that may wait for a viewer with these rights. */
export const mostWaitingBytes = ({ write }: Rights): number =>
  write ? MOST_WAITING_BYTES_OF_WRITER : MOST_WAITING_BYTES;

/** Bytes of the largest picture that one update of a screen of this size can hold. */
export const mostUpdateBytes = (size: Size): number =>
  areaPx(size) * MOST_UPDATE_BYTES_PER_PX + UPDATE_OVERHEAD_BYTES;
