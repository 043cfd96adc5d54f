/**
 * Wait before an unanswered fence is sent again, in milliseconds; it doubles with each reminder. KasmVNC's page can
 * stop reading until the next message comes: a larger value lets it stand still for longer. A smaller one sends
 * reminders to viewers whose links are merely slow.
 */
export const FIRST_REMINDER_MS = 1000;

/**
 * Reminders before unanswered fences count as lost: 15 s after the last answer. With more, a viewer that answers none
 * waits longer for its next update. With fewer, a link that stalls is sent more pixels, which queue.
 */
export const MOST_REMINDERS = 3;

/** Wait after the last answer, or after so many reminders. */
export const patienceMs = (reminders: number): number => FIRST_REMINDER_MS * 2 ** reminders;

/** When this wait is over. `remind`: the newest fence is sent again. `giveUp`: no answer is expected any more. */
export const afterPatience = (reminders: number): 'remind' | 'giveUp' =>
  reminders < MOST_REMINDERS ? 'remind' : 'giveUp';
