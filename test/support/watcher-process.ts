import { serveParent } from '../../bench/ipc.ts';
import type { FixedPicture } from '../../bench/workloads.ts';
import { LatencyWatch, type Seen } from './latency-watch.ts';
import type { WebSocketTarget } from './transport-websocket.ts';
import { Viewer } from './viewer.ts';

/** Calls that the process of a `Watcher` answers. Times are in `monotonicMs`. */
export interface WatcherCalls {
  connect(target: WebSocketTarget, picture: FixedPicture): Promise<void>;
  /** Resolves with the number of updates so far. */
  updates(): Promise<number>;
  /** Resolves with what was seen from `fromMs` to `toMs` of frames painted at those times. */
  between(fromMs: number, toMs: number, painted: ReadonlyMap<number, number>): Promise<Seen>;
}

let viewer: Viewer;
let watch: LatencyWatch;

serveParent<WatcherCalls>({
  async connect(target, picture) {
    viewer = await Viewer.connectWebSocket(target);
    watch = new LatencyWatch(viewer, picture);
  },
  async updates() {
    return watch.updates;
  },
  async between(fromMs, toMs, painted) {
    return watch.between(fromMs, toMs, painted);
  },
});
