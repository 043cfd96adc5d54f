import { processTree, readProc } from './process-tree.ts';

/** The process of the X server that runs below `pid`; undefined where there is none. */
export function xServerPid(pid: number): number | undefined {
  return processTree(pid).find((member) => readProc(member, 'cmdline')?.split('\0')[0]?.endsWith('Xvfb'));
}
