import { processTree, readProc } from './process-tree.ts';

/** Returns the id of the X server's process below `pid`; undefined if there is none. */
export function xServerPid(pid: number): number | undefined {
  return processTree(pid).find((member) => readProc(member, 'cmdline')?.split('\0')[0]?.endsWith('Xvfb'));
}
