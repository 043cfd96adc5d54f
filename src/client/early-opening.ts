import type { Opening } from './opening.ts';

/** The window of a page whose document has begun to connect. */
interface EarlyWindow {
  deskwireOpening?: Promise<Opening | undefined>;
}

const place = globalThis as EarlyWindow;

/** Leaves a connection that is being opened to the page's scripts. */
export function leaveOpening(opening: Promise<Opening | undefined>): void {
  place.deskwireOpening = opening;
}

/** Takes what the page's document has begun, once. Undefined if it has not, or if that has ended since. */
export async function takeOpening(): Promise<Opening | undefined> {
  const opening = await place.deskwireOpening;
  delete place.deskwireOpening;
  // The server waits only so long for a page whose scripts come over a slow link.
  const isOver = opening?.kind === 'opened' && opening.socket.readyState >= WebSocket.CLOSING;
  return isOver ? undefined : opening;
}
