import { createHash } from 'node:crypto';
import { serveParent } from '../../bench/ipc.ts';
import type { FixedPicture } from '../../bench/workloads.ts';
import { LatencyWatch, type Seen } from './latency-watch.ts';
import type { WebSocketTarget } from './transport-websocket.ts';
import { STANDARD_ENCODINGS, Viewer } from './viewer.ts';

/** Calls that the process of a `Watcher` answers. Times are in `monotonicMs`. */
export interface WatcherCalls {
  connect(target: WebSocketTarget, picture: FixedPicture, encodings?: readonly number[]): Promise<void>;
  /** Resolves with the number of updates so far. */
  updates(): Promise<number>;
  /** Resolves with what was seen from `fromMs` to `toMs` of frames painted at those times. */
  between(fromMs: number, toMs: number, painted: ReadonlyMap<number, number>): Promise<Seen>;
  /** Resolves with the SHA-256 of the content that the viewer was sent last by KasmVNC's message. */
  lastContent(): Promise<string | undefined>;
}

let viewer: Viewer;
let watch: LatencyWatch;
let content: Uint8Array | undefined;

serveParent<WatcherCalls>({
  async connect(target, picture, encodings = STANDARD_ENCODINGS) {
    viewer = await Viewer.connectWebSocket(target, { encodings });
    watch = new LatencyWatch(viewer, picture);
    viewer.on('message', (message) => {
      if (message.type === 'binaryClipboard') content = message.items[0]?.data;
    });
  },
  async updates() {
    return watch.updates;
  },
  async between(fromMs, toMs, painted) {
    return watch.between(fromMs, toMs, painted);
  },
  async lastContent() {
    return content && createHash('sha256').update(content).digest('hex');
  },
});
