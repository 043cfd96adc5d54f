import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import type { Desktop } from '../../src/desktop/desktop.ts';
import { getGeometry } from '../../src/desktop/x11/frame/frame-requests.ts';
import { MadeModes } from '../../src/desktop/x11/screen/made-modes.ts';
import { Resizer } from '../../src/desktop/x11/screen/resizer.ts';
import { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { LeanConnection } from '../../src/desktop/x11/wire/lean-connection.ts';
import { PacketInput } from '../../src/desktop/x11/wire/packet-input.ts';
import { SETUP_HEADER_BYTES, setupBytes } from '../../src/desktop/x11/wire/setup.ts';
import { bareDesktop } from './support.ts';

// A program of the desktop that runs as the X server's user can remove its socket, and put one of its own there.

const REPLY = 1;
const PROPERTY_NOTIFY = 28;

let desktop: Desktop;
let env: NodeJS.ProcessEnv;
let cookie: Uint8Array;

before(async () => {
  ({ desktop, env } = await bareDesktop());
  cookie = readFileSync(env.XAUTHORITY!).subarray(-16);
});
after(() => desktop.close());

interface StandIn extends AsyncDisposable {
  readonly display: string;
}

/** Starts a server that passes on what the X server sends, and changes its packets. */
async function standIn(change: (packet: Buffer) => Uint8Array): Promise<StandIn> {
  const sockets = new Set<Socket>();
  const server = createServer((ours) => {
    const real = createConnection(`/tmp/.X11-unix/X${env.DISPLAY!.slice(1)}`);
    const input = new PacketInput(64 * 1024);
    let isSetUp = false;
    ours.pipe(real);
    real.on('data', (bytes) => {
      bytes.copy(input.room());
      input.filled(bytes.length);
      const header = isSetUp ? undefined : input.peek(SETUP_HEADER_BYTES);
      const setup = header && input.takeBytes(setupBytes(header));
      isSetUp ||= setup !== undefined;
      if (setup) ours.write(setup);
      for (let packet = isSetUp ? input.take() : undefined; packet; packet = input.take())
        ours.write(change(Buffer.from(packet)));
    });
    for (const socket of [ours, real]) {
      sockets.add(socket.on('error', () => undefined));
      socket.once('close', () => (socket === ours ? real : ours).destroy());
    }
  });
  const number = 30_000 + (process.pid % 20_000);
  const path = `/tmp/.X11-unix/X${number}`;
  rmSync(path, { force: true });
  server.listen(path);
  await once(server, 'listening');
  return {
    display: `:${number}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A reply without what it has behind its fixed part. */
function cutShort(packet: Buffer): Buffer {
  if (packet[0] !== REPLY || packet.length === 32) return packet;
  packet.writeUInt32LE(0, 4);
  return packet.subarray(0, 32);
}

test('a reply that lacks what it states ends the connection to the X server, and not the process', async () => {
  await using server = await standIn(cutShort);
  const x = await XConnection.open({ display: server.display, cookie });
  await assert.rejects(Resizer.open(x, new MadeModes(true)), { code: 'DESKTOP_LOST' });
  assert.match(String((await x.ended).cause), /out of range/);
});

test('a reply of many gigabytes ends the connections to the X server when it begins', async () => {
  let isLong = false;
  await using server = await standIn((packet) => {
    if (isLong && packet[0] === REPLY) packet.writeUInt32LE(0xffff_ffff, 4);
    return packet;
  });
  const x = await XConnection.open({ display: server.display, cookie });
  const lean = await LeanConnection.open({ display: server.display, cookie });
  isLong = true;
  await assert.rejects(x.sync(), { code: 'DESKTOP_LOST' });
  const geometry = lean.ask(getGeometry(lean.root));
  lean.flush();
  await assert.rejects(geometry, { code: 'DESKTOP_LOST' });
  for (const { ended } of [x, lean]) assert.match(String((await ended).cause), /packet of 17179869212 bytes/);
});

test('an event that a listener cannot use ends the connection to the X server, and not the process', async () => {
  const event = Buffer.alloc(32);
  event[0] = PROPERTY_NOTIFY;
  let hasEvents = false;
  await using server = await standIn((packet) => (hasEvents ? Buffer.concat([event, packet]) : packet));
  const x = await XConnection.open({ display: server.display, cookie });
  const lean = await LeanConnection.open({ display: server.display, cookie });
  const fail = (): never => {
    throw new Error('no such window');
  };
  x.onEvent(fail);
  lean.listen({ event: fail, caughtUp: () => undefined });
  hasEvents = true;
  await assert.rejects(x.sync(), { code: 'DESKTOP_LOST' });
  const geometry = lean.ask(getGeometry(lean.root));
  lean.flush();
  await assert.rejects(geometry, { code: 'DESKTOP_LOST' });
  for (const { ended } of [x, lean]) assert.match(String((await ended).cause), /no such window/);
});
