import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openAccounts } from '../accounts/file-accounts.ts';
import type { UserChange } from '../accounts/user.ts';
import { RunningCalls } from './running-calls.ts';

/** More than the sockets of both sides keep, so that an answer waits for its reader. */
const ANSWER_BYTES = 32 * 1024 * 1024;
const CHEAP = { algorithm: 'scrypt', logN: 4, blockSize: 8, lanes: 1 } as const;
const OWNER = { read: true, write: true, owner: true };

const folder = mkdtempSync(join(tmpdir(), 'deskwire-calls-'));
const accounts = await openAccounts({ folder, cost: CHEAP });
const running = new RunningCalls(accounts);
/** Called with each response. */
let respond: (response: ServerResponse) => void = () => undefined;
const server = createServer((_request, response) => respond(response));

await accounts.apply([
  { kind: 'create', name: 'ada', password: 'p', rights: OWNER, overwrite: true },
  { kind: 'create', name: 'bob', password: 'p', rights: OWNER, overwrite: true },
]);
await once(server.listen(0, '127.0.0.1'), 'listening');
after(async () => {
  running.close();
  server.closeAllConnections();
  server.close();
  await accounts.close();
  rmSync(folder, { recursive: true });
});

/** Begins a call of bob whose answer stands still half-way, and resolves with the answer and the call's signal. */
async function slowCall(): Promise<{ answer: IncomingMessage; signal: AbortSignal }> {
  const begun = Promise.withResolvers<AbortSignal>();
  respond = (response) => {
    const abort = new AbortController();
    running.begin(accounts.get('bob')!, response, abort);
    begun.resolve(abort.signal);
    response.end(Buffer.alloc(ANSWER_BYTES));
  };
  const call = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  return { answer, signal: await begun.promise };
}

async function bytesOf(answer: IncomingMessage): Promise<number> {
  let bytes = 0;
  try {
    for await (const part of answer) bytes += (part as Buffer).length;
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ECONNRESET');
  }
  return bytes;
}

for (const [what, change] of Object.entries({
  'is removed': { kind: 'remove', name: 'bob' },
  'gets another password': { kind: 'update', name: 'bob', password: 'other', rights: {} },
  'is no longer an owner': { kind: 'update', name: 'bob', rights: { owner: false } },
} satisfies Record<string, UserChange>)) {
  test(`the rest of an answer that is being sent is not, when its user ${what}`, async () => {
    await accounts.apply([{ kind: 'create', name: 'bob', password: 'p', rights: OWNER, overwrite: true }]);
    const { answer, signal } = await slowCall();
    await accounts.apply([change]);
    assert.equal((signal.reason as { code?: string }).code, 'ACCOUNTS_CALLER_CHANGED');
    assert.ok((await bytesOf(answer)) < ANSWER_BYTES);
  });
}

test('an answer that is being sent goes on when its user only may no longer write, or another one is removed', async () => {
  await accounts.apply([{ kind: 'create', name: 'bob', password: 'p', rights: OWNER, overwrite: true }]);
  const { answer, signal } = await slowCall();
  await accounts.apply([
    { kind: 'update', name: 'bob', rights: { write: false } },
    { kind: 'remove', name: 'ada' },
  ]);
  assert.equal(signal.aborted, false);
  assert.equal(await bytesOf(answer), ANSWER_BYTES);
});
