import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openAccounts } from '../../accounts/file-accounts.ts';
import { EntryTickets, MAX_OPEN_TICKETS } from '../../http/login/entry-tickets.ts';
import { ticketCalls } from './tickets.ts';

test('the call for a ticket is refused while there are as many unused ones as there may be', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-tickets-'));
  const accounts = await openAccounts({
    folder,
    cost: { algorithm: 'scrypt', logN: 4, blockSize: 8, lanes: 1 },
  });
  t.after(async () => {
    await accounts.close();
    rmSync(folder, { recursive: true });
  });
  const rights = { read: true, write: true, owner: true };
  await accounts.apply([{ kind: 'create', name: 'ada', password: 'x', rights, overwrite: true }]);
  const tickets = new EntryTickets(
    accounts,
    () => 0,
    () => {},
  );
  const make = ticketCalls(tickets, accounts).find(({ method }) => method === 'POST')!;
  const context = {
    ...{
      user: accounts.get('ada')!,
      pass: undefined,
      address: '127.0.0.1',
      baseUrl: () => 'https://desk.example',
    },
    ...{ place: {}, parameters: {}, bytes: new Uint8Array(0), ifNoneMatch: undefined },
    ...{ lastEventId: undefined, isHead: false },
    signal: new AbortController().signal,
  };
  const ask = (): void => void make.handle({ ...context, body: { guest: 'Anna' } as unknown as [] });
  for (let i = 0; i < MAX_OPEN_TICKETS; i++) ask();
  assert.throws(ask, { code: 'API_TICKETS_FULL', status: 400 });
  tickets.revoke(tickets.list()[0]!.id);
  ask();
});
