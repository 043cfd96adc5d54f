import { processTree, readProc } from './process-tree.ts';

/**
 * The authority file of the X server that runs below the process `pid`, as its command line names it; empty
 * where it has none, as for a display that was there before.
 */
export function xAuthorityOf(pid: number): { XAUTHORITY?: string } {
  for (const member of processTree(pid)) {
    const words = readProc(member, 'cmdline')?.split('\0') ?? [];
    if (!words[0]?.endsWith('Xvfb')) continue;
    const file = words[words.indexOf('-auth') + 1];
    if (words.includes('-auth') && file) return { XAUTHORITY: file };
  }
  return {};
}
