import type { ViewerDoor } from './session.ts';

/** Microseconds since 1970 in the last id. Each id has a later one, so that no two connections share an id. */
let lastUs = 0;

/** Creates an id in KasmVNC's form: `<ip>_<unix seconds>.<microseconds>::websocket`, or `::rfb`. */
export function createConnectionId(ip: string, door: ViewerDoor = 'websocket'): string {
  const nowUs = Math.floor((performance.timeOrigin + performance.now()) * 1000);
  lastUs = Math.max(nowUs, lastUs + 1);
  const seconds = Math.floor(lastUs / 1_000_000);
  const micros = String(lastUs % 1_000_000).padStart(6, '0');
  return `${ip}_${seconds}.${micros}::${door}`;
}
