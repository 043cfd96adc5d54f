import { setPriority } from 'node:os';
import { serveParent } from '../../bench/ipc.ts';
import { type PacketCounts, PacketLane, type PacketLaneOptions } from './packet-lane.ts';
import { directionOf, type LinkAddresses, TunDevice, turnRound } from './tun-device.ts';

/** A link as its two ends see it: from the server to its clients, and back. */
export interface IpLinkOptions {
  readonly down?: PacketLaneOptions;
  readonly up?: PacketLaneOptions;
  /** Congestion control of the connections over it, such as `cubic`. Default: that of the system. */
  readonly congestionControl?: string;
}

export interface IpLinkCalls {
  open(options: IpLinkOptions): Promise<LinkAddresses>;
  /** Replaces both directions. What is under way is lost. */
  become(options: Pick<IpLinkOptions, 'down' | 'up'>): Promise<void>;
  counts(): Promise<{ readonly down: PacketCounts; readonly up: PacketCounts }>;
}

/** Interval at which packets are read and written, in ms. A larger one makes packets arrive in bursts. */
const TURN_MS = 1;
/** A busy machine must not slow down the link. Only root may ask for this. */
const PRIORITY = -15;

let device: TunDevice;
let lanes: Record<'down' | 'up', PacketLane>;

function turn(): void {
  const nowMs = performance.now();
  for (let packet = device.read(); packet; packet = device.read()) {
    const direction = directionOf(packet);
    if (direction) lanes[direction].push(nowMs, packet);
  }
  for (const lane of [lanes.down, lanes.up]) {
    for (const packet of lane.take(nowMs)) {
      turnRound(packet);
      device.write(packet);
    }
  }
}

serveParent<IpLinkCalls>({
  async open({ down, up, congestionControl }) {
    try {
      setPriority(PRIORITY);
    } catch {
      // Not root.
    }
    device = new TunDevice(congestionControl);
    lanes = { down: new PacketLane(down), up: new PacketLane(up) };
    setInterval(turn, TURN_MS);
    return device.addresses;
  },
  async become({ down, up }) {
    lanes = { down: new PacketLane(down), up: new PacketLane(up) };
  },
  async counts() {
    return { down: lanes.down.counts, up: lanes.up.counts };
  },
});
