import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallTarget } from './keep-alive-caller.ts';

/** Longest wait for viewers, in ms. */
const LIMIT_MS = 60_000;

/** Resolves when that many viewers are connected. */
export async function untilSessions(target: CallTarget, count: number): Promise<void> {
  const endMs = Date.now() + LIMIT_MS;
  for (let found = 0; found < count; ) {
    if (Date.now() > endMs) throw new Error(`${found} of ${count} viewers have connected.`);
    await sleep(100);
    found = await sessions(target);
  }
}

function sessions({ url, ca, user }: CallTarget): Promise<number> {
  return new Promise((resolve, reject) => {
    const auth = `${user.name}:${user.password}`;
    const call = request(new URL('/api/get_sessions', url), { ca, auth }, async (response) => {
      const pieces: Buffer[] = [];
      for await (const piece of response) pieces.push(piece as Buffer);
      resolve((JSON.parse(Buffer.concat(pieces).toString()) as { users: unknown[] }).users.length);
    });
    call.on('error', reject);
    call.end();
  });
}
