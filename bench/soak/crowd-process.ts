import type { WebSocketTarget } from '../../test/support/transport-websocket.ts';
import { serveParent } from '../ipc.ts';
import { type CrowdReport, RestlessCrowd } from './restless-crowd.ts';

/** Calls that the process of the soak's viewers answers. */
export interface RestlessCrowdCalls {
  open(targets: readonly WebSocketTarget[], viewers: number, seed: number): Promise<void>;
  report(): Promise<CrowdReport>;
  /** Has viewers come again after `leave`. */
  come(): Promise<void>;
  /** Has all viewers leave. */
  leave(): Promise<CrowdReport>;
}

let crowd: RestlessCrowd;

serveParent<RestlessCrowdCalls>({
  async open(targets, viewers, seed) {
    crowd = new RestlessCrowd(targets, viewers, seed);
  },
  async report() {
    return crowd.report();
  },
  async come() {
    crowd.come();
  },
  async leave() {
    await crowd.leave();
    return crowd.report();
  },
});
