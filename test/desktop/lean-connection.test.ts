import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import type { Desktop } from '../../src/desktop/desktop.ts';
import { aimImage, geometrySize, getGeometry, getImage } from '../../src/desktop/x11/frame/frame-requests.ts';
import { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { LeanConnection } from '../../src/desktop/x11/wire/lean-connection.ts';
import { bareDesktop, leanConnectTo } from './support.ts';

let desktop: Desktop;
let env: NodeJS.ProcessEnv;

before(async () => {
  ({ desktop, env } = await bareDesktop());
});
after(() => desktop.close());

test('a request that the X server refuses is rejected, and the next one is answered', async () => {
  const x = await leanConnectTo(env);
  const image = aimImage(getImage(x.root), { x: 600, y: 0, width: 100, height: 1 });
  const refused = x.ask(image);
  const geometry = x.ask(getGeometry(x.root)).then(geometrySize);
  x.flush();
  await assert.rejects(refused, { code: 'DESKTOP_X_ERROR' });
  assert.deepEqual(await geometry, desktop.size);
  x.close();
});

test('a capture connection that is closed rejects what it has asked, and ends', async () => {
  const x = await leanConnectTo(env);
  const geometry = x.ask(getGeometry(x.root));
  x.close();
  await assert.rejects(geometry, { code: 'DESKTOP_LOST' });
  assert.equal((await x.ended).code, 'DESKTOP_LOST');
  await assert.rejects(x.ask(getGeometry(x.root)), { code: 'DESKTOP_LOST' });
});

test('a capture connection names the extension that the X server does not have', async () => {
  const x = await leanConnectTo(env);
  await assert.rejects(x.extension('NO-SUCH-THING'), {
    code: 'DESKTOP_NO_EXTENSION',
    detail: 'NO-SUCH-THING',
  });
  x.close();
});

test('a capture connection with a wrong cookie, or to a display that is not there, is refused', async () => {
  const cookie = new Uint8Array(16);
  await assert.rejects(LeanConnection.open({ display: env.DISPLAY!, cookie }), {
    code: 'DESKTOP_NO_DISPLAY',
  });
  await assert.rejects(LeanConnection.open({ display: ':59999' }), { code: 'DESKTOP_NO_DISPLAY' });
});

test('only displays of this machine are connected to, by their sockets', async () => {
  let accepted = 0;
  const server = createServer((socket) => {
    accepted++;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const number = (server.address() as AddressInfo).port - 6000;
  const names = [`:${number}`, `127.0.0.1:${number}`, `tcp/127.0.0.1:${number}`, `tcp/:${number}`];
  for (const display of [
    ...names,
    `unix/${env.DISPLAY}`,
    `x${env.DISPLAY}`,
    `${env.DISPLAY}x`,
    'nothing',
    '',
  ]) {
    for (const open of [XConnection.open, LeanConnection.open])
      await assert.rejects(open({ display }), { code: 'DESKTOP_NO_DISPLAY', detail: display });
  }
  server.close();
  await once(server, 'close');
  assert.equal(accepted, 0);
});

test('a display may be named with a screen number', async () => {
  const cookie = readFileSync(env.XAUTHORITY!).subarray(-16);
  const x = await LeanConnection.open({ display: `${env.DISPLAY}.0`, cookie });
  x.close();
});

test('resource ids of a capture connection are different', async () => {
  const x = await leanConnectTo(env);
  const ids = new Set(Array.from({ length: 100 }, () => x.allocId()));
  assert.equal(ids.size, 100);
  x.close();
});
