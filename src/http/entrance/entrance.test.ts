import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { pino } from 'pino';
import { closeOf } from '../../../test/support/close-of.ts';
import { loadCertificate } from '../tls/certificate.ts';
import { Entrance } from './entrance.ts';
import { RFB_GREETING } from './other-protocols.ts';

/** Longer than any client of TLS may take to begin. */
const LONG_MS = 60_000;

/** A server with an entrance, and a caller that has connected and says nothing. Timers are mocked. */
async function startSilent(t: TestContext) {
  const data = mkdtempSync(join(tmpdir(), 'deskwire-entrance-'));
  t.after(() => rmSync(data, { recursive: true }));
  const log = pino({ enabled: false });
  const { cert, key } = await loadCertificate({ cert: undefined, key: undefined, data, log });
  const server = createServer({ cert, key });
  t.after(() => void server.close());
  const entrance = new Entrance(server, { isPlain: () => false, refused: () => {} });
  server.on('connection', (socket: Socket) => entrance.begin(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const caller = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => void caller.destroy());
  const [accepted] = (await once(server, 'connection')) as [Socket];
  return { entrance, caller, accepted };
}

test('a client of TLS gets in however late it begins, because a silent caller is sent nothing', async (t) => {
  const { entrance, caller, accepted } = await startSilent(t);
  t.mock.timers.tick(LONG_MS);
  const secure = connectTls({ socket: caller, rejectUnauthorized: false });
  await once(secure, 'secureConnect');
  assert.equal(entrance.greet(accepted), false, 'it has begun to speak');
});

test('a caller that is silent to the end is greeted as a VNC viewer, and told why it is refused', async (t) => {
  const { entrance, caller, accepted } = await startSilent(t);
  assert.equal(entrance.greet(accepted), true);
  const parts: Buffer[] = [];
  caller.on('data', (part: Buffer) => parts.push(part));
  await once(caller, 'data');
  assert.equal(Buffer.concat(parts).toString('latin1'), RFB_GREETING);
  caller.write(RFB_GREETING);
  await closeOf(caller);
  assert.match(
    Buffer.concat(parts).toString('latin1'),
    /This port speaks HTTPS\. Open https:\/\/127\.0\.0\.1:/,
  );
  assert.equal(entrance.greet(accepted), false, 'it has gone');
});
