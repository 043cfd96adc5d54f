import { readFileSync } from 'node:fs';
import { forkChild } from '../../bench/ipc.ts';
import type { IpLinkCalls, IpLinkOptions } from './ip-link-process.ts';
import type { LinkAddresses } from './tun-device.ts';

/**
 * A slow link to a server on this machine that carries IP packets, and can lose them: limited rate, delay, a bounded
 * queue and random loss in each direction. All connections share it. Unlike ThrottledProxy it is below TCP, so what
 * TCP does about loss and queues is what it does on a real link.
 */
export class IpLink {
  readonly addresses: LinkAddresses;
  readonly #process;

  /** Rejects if this process may not make network devices. */
  static async open(options: IpLinkOptions): Promise<IpLink> {
    const child = forkChild<IpLinkCalls>(new URL('./ip-link-process.ts', import.meta.url));
    try {
      return new IpLink(child, await child.calls.open(options));
    } catch (error) {
      await child.close();
      throw error;
    }
  }

  private constructor(child: ReturnType<typeof forkChild<IpLinkCalls>>, addresses: LinkAddresses) {
    this.#process = child;
    this.addresses = addresses;
  }

  become(options: Pick<IpLinkOptions, 'down' | 'up'>): Promise<void> {
    return this.#process.calls.become(options);
  }

  counts(): ReturnType<IpLinkCalls['counts']> {
    return this.#process.calls.counts();
  }

  /** Removes the link, and with it its connections. */
  close(): Promise<void> {
    return this.#process.close();
  }
}

/** Reason why this process can have no IpLink. Undefined if it can. */
export async function whyNoIpLinks(): Promise<string | undefined> {
  try {
    const link = await IpLink.open({});
    await link.close();
    return undefined;
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    return `no network device can be made (run as root, or by "unshare --map-root-user --net"): ${reason}`;
  }
}

/** Names of the congestion controls that the kernel offers. */
export function congestionControls(): readonly string[] {
  return readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8').trim().split(' ');
}
