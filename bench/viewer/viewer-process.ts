import { Viewer } from '../../test/support/viewer.ts';
import { monotonicMs } from '../clock.ts';
import { serveParent } from '../ipc.ts';
import type { ViewerTarget } from '../peers/peer.ts';
import type { ViewerRecord } from '../round.ts';
import type { Workload } from '../workloads.ts';
import { FrameWatcher } from './frame-watcher.ts';

/** What a viewer process does for its parent. */
export interface ViewerCalls {
  /** Connects and watches; resolves when the first update has been drawn. */
  connect(target: ViewerTarget, picture: Workload['picture']): Promise<void>;
  /** Leaves; resolves with all that it saw. */
  disconnect(): Promise<ViewerRecord>;
}

let viewer: Viewer;
let watcher: FrameWatcher;
let failure: Error | undefined;

serveParent<ViewerCalls>({
  async connect(target, picture) {
    failure = undefined;
    viewer =
      target.kind === 'tcp' ? await Viewer.connectTcp(target.port) : await Viewer.connectWebSocket(target);
    viewer.on('failure', (error) => {
      failure = error;
    });
    watcher = new FrameWatcher(picture, viewer.size);
    viewer.on('update', ({ bytes }) => watcher.look(viewer.framebuffer.pixels, monotonicMs(), bytes));
    await viewer.waitForUpdate((_framebuffer, update) => update !== undefined);
  },
  async disconnect() {
    const closed = viewer.closedReason;
    await viewer.close();
    if (failure || closed !== undefined) {
      throw new Error(`The connection ended: ${closed}`, { cause: failure });
    }
    return watcher.record;
  },
});
