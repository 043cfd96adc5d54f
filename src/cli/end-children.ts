import { argumentsOf, descendantsOf } from '../common/process-tree.ts';
import { KEEPER_NAME } from '../desktop/x11/server/keeper.ts';

/**
 * Kills all descendants of this process but the keeper, which ends those that get away. The last resort if a graceful
 * end takes too long: no X server may be left behind.
 */
export function endChildren(): void {
  for (const pid of descendantsOf(process.pid, isKeeper)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended in the meantime.
    }
  }
}

const isKeeper = (pid: number): boolean => argumentsOf(pid).includes(KEEPER_NAME);
