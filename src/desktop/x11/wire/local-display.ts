import { existsSync } from 'node:fs';
import { DesktopError } from '../../errors.ts';

export interface LocalDisplay {
  readonly number: string;
  /** Path of its Unix socket. */
  readonly socket: string;
}

/**
 * Finds a display of this machine by its name, such as ":7" or ":7.0". Throws `DESKTOP_NO_DISPLAY` if there is none,
 * and for names of displays elsewhere: another server may listen at a TCP port that is tried in place of the socket.
 */
export function localDisplay(display: string): LocalDisplay {
  const number = /^:(\d{1,5})(\.\d+)?$/.exec(display)?.[1];
  const socket = `/tmp/.X11-unix/X${number}`;
  if (number === undefined || !existsSync(socket)) throw new DesktopError('DESKTOP_NO_DISPLAY', display);
  return { number, socket };
}
