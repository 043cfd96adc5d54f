import { serveParent } from '../../bench/ipc.ts';
import type { PixelFormat } from '../../src/protocol/pixel-format.ts';
import { connectRfb, type RfbTarget } from './transport-rfb.ts';
import type { WebSocketTarget } from './transport-websocket.ts';
import { Viewer } from './viewer.ts';

/** A viewer to be opened. */
export interface CostlyViewer {
  /** Viewers over a WebSocket ask for continuous updates, those at the RFB port for one after the other. */
  readonly target: WebSocketTarget | RfbTarget;
  readonly format: PixelFormat;
  readonly encodings: readonly number[];
}

/** Calls that a process with viewers that cost much answers. They take all bytes, but decode no pixels. */
export interface CostlyViewersCalls {
  join(viewers: readonly CostlyViewer[]): Promise<void>;
  /** Resolves with the number of updates that each has been sent. */
  updates(): Promise<number[]>;
  /** Disconnects all viewers. */
  leave(): Promise<void>;
}

let viewers: Viewer[] = [];
let updates: number[] = [];

serveParent<CostlyViewersCalls>({
  async join(wanted) {
    updates = wanted.map(() => 0);
    viewers = await Promise.all(
      wanted.map(async ({ target, format, encodings }, i) => {
        const options = { format, encodings, decode: false };
        const viewer =
          'url' in target
            ? await Viewer.connectWebSocket(target, options)
            : await Viewer.connectOver(await connectRfb(target), { ...options, updates: 'requested' });
        viewer.on('update', () => updates[i]!++);
        return viewer;
      }),
    );
  },
  async updates() {
    return updates;
  },
  async leave() {
    const ended = viewers.find(({ closedReason }) => closedReason !== undefined);
    await Promise.all(viewers.map((viewer) => viewer.close()));
    if (ended) throw new Error(`A viewer was cut off: ${ended.closedReason}`);
  },
});
