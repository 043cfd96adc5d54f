import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { serveParent } from '../../bench/ipc.ts';

/** Connections that a stranger has at the same time. */
const AT_ONCE = 32;
/** Pause after an attempt that failed, in milliseconds. Without one, the stranger's own process would be busy. */
const PAUSE_MS = 25;

export interface Strange {
  readonly port: number;
  readonly ca: string;
  /** Address of this machine that the stranger connects from. */
  readonly from: string;
  readonly ms: number;
}

export interface StrangerCalls {
  /** Connects again and again, and ends each connection after its handshake. Resolves with their number. */
  shakeHands(strange: Strange): Promise<number>;
  /** Asks without a login again and again, on connections that stay open. Resolves with the number of answers. */
  ask(strange: Strange): Promise<number>;
}

async function repeat(ms: number, attempt: () => Promise<void>): Promise<number> {
  const endMs = performance.now() + ms;
  let count = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (performance.now() < endMs) {
        try {
          await attempt();
          count++;
        } catch {
          await sleep(PAUSE_MS);
        }
      }
    }),
  );
  return count;
}

/** A process of its own, so that a flood does not delay the process that measures its effects. */
serveParent<StrangerCalls>({
  shakeHands: ({ port, ca, from, ms }) =>
    repeat(ms, async () => {
      const carrier = connectTcp({ host: '127.0.0.1', port, localAddress: from });
      const socket = connectTls({ socket: carrier, ca, host: '127.0.0.1' });
      try {
        await once(socket, 'secureConnect');
      } finally {
        for (const one of [socket, carrier]) one.on('error', () => {}).destroy();
      }
    }),
  async ask({ port, ca, from, ms }) {
    const agent = new Agent({ ca, keepAlive: true, maxSockets: AT_ONCE });
    const count = await repeat(ms, async () => {
      const sent = request({
        agent,
        host: '127.0.0.1',
        port,
        localAddress: from,
        path: '/api/get_users',
      }).end();
      const [response] = await once(sent, 'response');
      await once(response.resume(), 'end');
    });
    agent.destroy();
    return count;
  },
});
