import { processTree, readProc } from './process-tree.ts';
import { displayOf } from './x-socket.ts';

/**
 * Returns the environment that opens the display of the X server below the process `pid`: its number, and the authority
 * file of its command line. It is empty if there is no X server below, as for an attached display.
 */
export function xEnvironmentOf(pid: number): { DISPLAY?: string; XAUTHORITY?: string } {
  for (const member of processTree(pid)) {
    const words = readProc(member, 'cmdline')?.split('\0') ?? [];
    if (!words[0]?.endsWith('Xvfb')) continue;
    const display = displayOf(member);
    const file = words[words.indexOf('-auth') + 1];
    if (display && words.includes('-auth') && file) return { DISPLAY: display, XAUTHORITY: file };
  }
  return {};
}
