import type { TokenRate } from '../../common/token-bucket.ts';

/**
 * Wheel steps taken of one message and axis; the rest of the distance is dropped. A larger value lets one message of 11
 * bytes cost more X events; a smaller one slows down fast wheels that report seldom.
 */
export const MAX_STEPS_PER_MESSAGE = 10;

/**
 * X events of pointer and wheel. A mouse that reports 1000 times a second takes half of it. A larger value costs the
 * main thread about 1 ms more per 150 events; a smaller one limits normal mice.
 */
export const POINTER_RATE: TokenRate = { perSecond: 2000, burst: 2000 };

/**
 * X events of the pointer's budget that moves leave for buttons and the wheel: 50 clicks or 66 wheel steps at once. A
 * larger value merges more of the moves that arrive together after a stall of the network; a smaller one drops clicks
 * and wheel steps behind many moves.
 */
export const MOVE_RESERVE = 200;

/**
 * X events of keys, of which a press takes two. The burst is a text of 4,000 characters that a program types at once;
 * the rate is 500 characters a second, more than any person types. A viewer that types more waits. A larger value lets
 * such viewers take more of the main thread; a smaller one delays their other messages.
 */
export const KEY_RATE: TokenRate = { perSecond: 1000, burst: 8000 };

/**
 * Keys that one viewer may hold down. A further press releases the key that was pressed longest ago. Keyboards report
 * at most 104 keys, people hold ten. A larger value lets a viewer take more of the spare keycodes from others.
 */
export const MAX_KEYS_DOWN = 32;

/** X events that a step needs, releases included: they are paid with the press, so that no release is ever dropped. */
export const COST = {
  move: 1,
  /** A press and a release, and a move before each that the budget had held back. */
  button: 4,
  /** A press and a release, and a move before them. */
  wheelStep: 3,
  /** A press and a release. */
  key: 2,
} as const;
