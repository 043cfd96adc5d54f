import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { pino } from 'pino';
import { type Certificate, loadCertificate } from '../../src/http/tls/certificate.ts';
import type { RfbPort } from '../../src/rfb/rfb-port.ts';
import { vncPassword } from '../../src/rfb/vnc-password.ts';
import { ADA, BLIND, BOB, ContractServer, createReaders, EVE, LOOKER } from '../api/contract-server.ts';
import { connectRfb, LoginRefused, type RfbTarget } from '../support/transport-rfb.ts';
import { waitFor } from '../support/wait-for.ts';

const VNC = 'vnc-word';
const COLOUR = 0x336699;

let server: ContractServer;
let rfb: RfbPort;
let folder: string;
let tls: Pick<RfbTarget, 'port' | 'ca'>;
let unix: Pick<RfbTarget, 'path'>;

before(async () => {
  server = await ContractServer.start();
  await createReaders(server);
  folder = mkdtempSync(join(tmpdir(), 'deskwire-rfb-'));
  rfb = await server.rfbPort({
    socketPath: join(folder, 'rfb.sock'),
    vnc: { password: vncPassword(Buffer.from(VNC)), user: LOOKER.name },
  });
  tls = { port: portOf(rfb), ca: server.ca };
  unix = { path: join(folder, 'rfb.sock') };
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const portOf = ({ places }: RfbPort): number => Number(places[0]!.split(':').at(-1));
const isRefused = (pattern: RegExp) => (error: unknown) =>
  error instanceof LoginRefused && pattern.test(error.message);

const otherCertificate = (): Promise<Certificate> =>
  loadCertificate({
    cert: undefined,
    key: undefined,
    data: mkdtempSync(join(folder, 'other-')),
    log: pino({ level: 'silent' }),
  });

async function assertSees(target: RfbTarget): Promise<void> {
  const viewer = await server.rfbViewer(target);
  await viewer.waitForUpdate((framebuffer) => framebuffer.pixelAt(5, 5) === COLOUR);
  await viewer.close();
}

test('a user logs in at the RFB port by name and password over TLS, and sees the desktop', () =>
  assertSees({ ...tls, login: EVE }));

test('a user logs in at the Unix socket by name and password, without TLS', async () => {
  await assertSees({ ...unix, login: EVE });
  assert.equal(statSync(unix.path!).mode & 0o777, 0o660);
});

test('at the TCP port nobody is asked for a password without TLS', () =>
  assert.rejects(connectRfb({ port: tls.port!, login: EVE }), isRefused(/subtypes 262/)));

test('a wrong password is refused with a reason, and logged once without the password', async () => {
  const login = { ...EVE, password: 'quite-wrong-secret' };
  await assert.rejects(server.rfbViewer({ ...tls, login }), isRefused(/name or the password is wrong/));
  await assert.rejects(server.rfbViewer({ ...unix, login }), isRefused(/name or the password is wrong/));
  await waitFor('the line', () => /"level":40.*"code":"HTTP_LOGIN_NEEDED"/.test(server.logged));
});

test('a name that no user can have is refused like a wrong password', () =>
  assert.rejects(
    server.rfbViewer({ ...tls, login: { name: 'a:b', password: 'x' } }),
    isRefused(/name or the password is wrong/),
  ));

test('a user without the right to read is refused with that reason', () =>
  assert.rejects(server.rfbViewer({ ...tls, login: BLIND }), isRefused(/may not see the desktop/)));

for (const minor of [3, 7, 8] as const) {
  test(`the VNC password lets viewers of RFB 3.${minor} in, with the rights of its user`, async () => {
    await assertSees({ ...tls, minor, login: { vncPassword: VNC } });
  });
}

test('with the VNC password of a user who may not write, nothing is typed', async () => {
  const viewer = await server.rfbViewer({ ...tls, login: { vncPassword: VNC } });
  viewer.typeKeys(0x61);
  await viewer.roundTrip();
  await waitFor('the line', () =>
    server.audited.some(({ code, user }) => code === 'AUDIT_NO_WRITE' && user === LOOKER.name),
  );
  await viewer.close();
});

test('a wrong VNC password is refused', () =>
  assert.rejects(connectRfb({ ...tls, login: { vncPassword: 'wrong' } }), isRefused(/password is wrong/)));

test('without a VNC password, viewers of RFB 3.3 are told what they lack, and others are not offered it', async () => {
  const port = portOf(await server.rfbPort());
  await assert.rejects(connectRfb({ port, minor: 3, login: { vncPassword: VNC } }), isRefused(/VeNCrypt/));
  await assert.rejects(connectRfb({ port, login: { vncPassword: VNC } }), isRefused(/types 19\./));
});

test('viewers at the RFB port are sessions of the API, and end with their user', async () => {
  assert.equal(
    (await server.client(ADA).get('/api/create_user?name=temp&password=temp-secret&read=1')).status,
    200,
  );
  const viewer = await server.rfbViewer({ ...tls, login: { name: 'temp', password: 'temp-secret' } });
  const stats = (await server.client(ADA).get('/api/get_bottleneck_stats')).text();
  assert.match(stats, /"temp":\{"127\.0\.0\.1_\d{10}\.\d{6}::rfb/);
  await server.client(ADA).get('/api/remove_user?name=temp');
  await viewer.waitForClose();
});

test('wrong passwords at the RFB port and over HTTPS are paid for from one budget', async () => {
  const wrong = { name: BOB.name, password: 'not-the-one-secret' };
  for (let i = 0; i < 5; i++) await assert.rejects(connectRfb({ ...unix, login: wrong }), LoginRefused);
  const blocks = (await server.client(ADA).get('/api/get_login_blocks')).text();
  assert.match(blocks, /"bob"/);
});

test('the seats of a user are counted at all ports together', async () => {
  const limited = await ContractServer.start({ limits: { viewersOfUser: 1 } });
  const port = portOf(await limited.rfbPort());
  const first = await limited.viewer(EVE);
  await assert.rejects(limited.rfbViewer({ port, ca: limited.ca, login: EVE }), isRefused(/as many viewers/));
  await first.close();
  await waitFor('the seat', async () => {
    const next = await limited.rfbViewer({ port, ca: limited.ca, login: EVE }).catch(() => undefined);
    await next?.close();
    return next !== undefined;
  });
  await limited.close();
});

test('a viewer that does not log in is ended, and one that sends too long a name too', async () => {
  const port = portOf(await server.rfbPort({ loginMs: 300 }));
  const silent = connect(port, '127.0.0.1');
  assert.equal(await text(silent), 'RFB 003.008\n');
  await waitFor('the line', () => /RFB_LOGIN_TIMED_OUT/.test(server.logged));
  const long = { name: 'n'.repeat(2000), password: 'x' };
  await assert.rejects(connectRfb({ ...unix, login: long }), isRefused(/closed the connection/));
  await waitFor('the line', () => /RFB_MESSAGE_TOO_LARGE/.test(server.logged));
});

test('a caller that speaks HTTP or TLS to the RFB port is cut off, and that is logged', async () => {
  const socket = connect(tls.port!, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: desk\r\n\r\n');
  assert.equal(await text(socket), 'RFB 003.008\n');
  await waitFor('the line', () => /RFB_BAD_VERSION/.test(server.logged));
});

test('a viewer that does not trust the certificate is not let in, and the log says so', async () => {
  const other = await otherCertificate();
  await assert.rejects(connectRfb({ ...tls, ca: other.cert, login: EVE }));
  await waitFor('the line', () => /RFB_TLS_FAILED/.test(server.logged));
});

test('the RFB port serves a renewed certificate to new viewers, and open ones go on', async () => {
  const port = await server.rfbPort();
  const viewer = await server.rfbViewer({ port: portOf(port), ca: server.ca, login: EVE });
  const other = await otherCertificate();
  port.useCertificate(other);
  await assertSees({ port: portOf(port), ca: other.cert, login: EVE });
  await viewer.roundTrip();
  await viewer.close();
});

test('a Unix socket that a killed server left behind is replaced, and any other file stays', async () => {
  const path = join(folder, 'old.sock');
  const listen =
    "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
  spawnSync(process.execPath, ['-e', listen, path]);
  assert.ok(statSync(path).isSocket());
  const first = await server.rfbPort({ tcp: undefined, socketPath: path });
  await assertSees({ path, login: EVE });
  for (const [used, code] of [
    [path, 'HTTP_PORT_BUSY'],
    [folder, 'HTTP_BAD_ADDRESS'],
  ] as const) {
    await assert.rejects(server.rfbPort({ tcp: undefined, socketPath: used }), { code });
  }
  await first.close();
});

test('closing the RFB port ends its viewers and frees its place', async () => {
  const closing = await server.rfbPort();
  const port = portOf(closing);
  const viewer = await server.rfbViewer({ port, ca: server.ca, login: EVE });
  await closing.close();
  await viewer.waitForClose();
  await assert.rejects(connectRfb({ port, login: EVE }));
});
