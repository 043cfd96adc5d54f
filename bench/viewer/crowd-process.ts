import { Viewer, ZSTD_ENCODINGS } from '../../test/support/viewer.ts';
import { monotonicMs } from '../clock.ts';
import { serveParent } from '../ipc.ts';
import type { ViewerTarget } from '../peers/peer.ts';

/** Calls that a process with many viewers answers. The viewers take all bytes, but decode no pixels. */
export interface CrowdCalls {
  join(target: ViewerTarget, viewers: number): Promise<void>;
  /** Disconnects all viewers. Resolves with the times at which each had an update with pixels, in monotonic ms. */
  leave(): Promise<number[][]>;
}

let crowd: Viewer[] = [];
let updates: number[][] = [];

async function connect(target: ViewerTarget): Promise<Viewer> {
  const options = { decode: false, encodings: ZSTD_ENCODINGS };
  if (target.kind === 'tcp') return Viewer.connectTcp(target.port, options);
  return Viewer.connectWebSocket(target, options);
}

serveParent<CrowdCalls>({
  async join(target, viewers) {
    updates = [];
    crowd = [];
    for (let i = 0; i < viewers; i++) {
      const viewer = await connect(target);
      const times: number[] = [];
      viewer.on('update', ({ rects }) => {
        if (rects.some(({ encoding }) => encoding >= 0)) times.push(monotonicMs());
      });
      crowd.push(viewer);
      updates.push(times);
    }
  },
  async leave() {
    const ended = crowd.filter(({ closedReason }) => closedReason !== undefined);
    await Promise.all(crowd.map((viewer) => viewer.close()));
    if (ended.length) throw new Error(`${ended.length} viewers were cut off: ${ended[0]!.closedReason}`);
    return updates;
  },
});
