import { processTree, readProc } from './process-tree.ts';
import { displayOf } from './x-socket.ts';

/**
 * What opens the display of the X server that runs below the process `pid`: its present number and the authority
 * file that its command line names; empty where there is none below, as for a display that was there before.
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
