// Age of updates that arrive over slow links which lose packets, by congestion control: the real flow control and the
// real TCP, over a link made of a TUN device. Updates have no content, but the size that LinkQuality would choose.
// Run as root, or by `unshare --map-root-user --net`: node bench/micro/tcp-links.ts

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ViewerFlow } from '../../src/session/link/flow.ts';
import { congestionControls, IpLink } from '../../test/support/ip-link.ts';
import type { IpLinkOptions } from '../../test/support/ip-link-process.ts';
import { percentile } from '../statistics.ts';
import { printTable } from './support/table.ts';

const MBIT = 125_000;
const DELAY_MS = 25;
const FRAME_MS = 1000 / 30;
/** Time for capture and encoding, in milliseconds. */
const SERVER_MS = 8;
/** UPDATE_MS of link-quality.ts. */
const UPDATE_MS = 110;
const FIRST_BYTES = 30_000;
const LEARNING_MS = 2_500;
const WATCHED_MS = 20_000;
/** Connections at the same time, each over its own link, which loses other packets. */
const SEEDS = [1, 2, 3, 4];
/** Bytes of an update besides its content: their number, and the time of its frame. */
const HEADER_BYTES = 12;

/** Sends updates as a session does: one for each new frame, whenever the flow control lets one leave. */
class Sender {
  readonly #socket: Socket;
  readonly #flow = new ViewerFlow();
  readonly #frames: NodeJS.Timeout;
  #sentFrame = 0;
  #isEncoding = false;
  #roomTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#flow.continuous = true;
    this.#flow.fences = true;
    socket.on('error', () => undefined);
    // Each byte is the answer to a fence.
    socket.on('data', (answers) => {
      for (const _ of answers) this.#flow.congestion.acknowledged(performance.now());
      this.#look();
    });
    this.#frames = setInterval(() => this.#look(), FRAME_MS / 2);
    socket.once('close', () => clearInterval(this.#frames));
  }

  #look(): void {
    const nowMs = performance.now();
    const frame = Math.floor(nowMs / FRAME_MS);
    const isReady = this.#flow.standing(this.#socket.writableLength, nowMs) === 'ready';
    if (!this.#isEncoding && frame > this.#sentFrame && isReady) this.#begin(frame, nowMs);
    clearTimeout(this.#roomTimer);
    const roomAtMs = this.#flow.roomAtMs(nowMs);
    if (roomAtMs !== undefined && roomAtMs > nowMs)
      this.#roomTimer = setTimeout(() => this.#look(), Math.ceil(roomAtMs - nowMs) + 1);
  }

  #begin(frame: number, nowMs: number): void {
    const { congestion } = this.#flow;
    this.#sentFrame = frame;
    this.#isEncoding = true;
    if (congestion.wantsProbe(nowMs)) {
      this.#write(0, 0);
      congestion.sent(nowMs, nowMs, 0);
    }
    this.#flow.updateBegins(nowMs);
    const { rate } = congestion;
    const bytes = rate ? Math.round(rate * UPDATE_MS) : FIRST_BYTES;
    setTimeout(() => {
      this.#isEncoding = false;
      this.#write(bytes, frame * FRAME_MS);
      this.#flow.updateEnds(nowMs, performance.now(), bytes + HEADER_BYTES);
      this.#look();
    }, SERVER_MS);
  }

  #write(bytes: number, paintedAtMs: number): void {
    const update = Buffer.alloc(HEADER_BYTES + bytes);
    update.writeUInt32LE(bytes);
    update.writeDoubleLE(paintedAtMs, 4);
    this.#socket.write(update);
  }
}

/** Answers each update. Returns the ages of the updates with content, to which it adds. */
function answer(socket: Socket): number[] {
  const ages: number[] = [];
  let bytes = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= HEADER_BYTES && bytes.length >= HEADER_BYTES + bytes.readUInt32LE()) {
      const content = bytes.readUInt32LE();
      if (content > 0) ages.push(performance.now() - bytes.readDoubleLE(4));
      bytes = bytes.subarray(HEADER_BYTES + content);
      socket.write('+');
    }
  });
  return ages;
}

async function watch(mbit: number, lossShare: number, congestionControl: string, seed: number) {
  const lanes = (share: number): IpLinkOptions => ({
    down: { bytesPerSecond: mbit * MBIT, delayMs: DELAY_MS, lossShare: share, seed: 2 * seed },
    up: { delayMs: DELAY_MS, lossShare: share, seed: 2 * seed + 1 },
  });
  const link = await IpLink.open({ ...lanes(0), congestionControl });
  const server = createServer({ noDelay: true }, (socket) => new Sender(socket));
  await once(server.listen(0, link.addresses.server), 'listening');
  const { port } = server.address() as { port: number };
  const client = connect({ port, host: link.addresses.serverOverLink, noDelay: true });
  const ages = answer(client);
  await sleep(LEARNING_MS);
  await link.become(lanes(lossShare));
  await sleep(LEARNING_MS);
  const [before, from] = [await link.counts(), ages.length];
  await sleep(WATCHED_MS);
  const watched = ages.slice(from);
  const bytes = (await link.counts()).down.carriedBytes - before.down.carriedBytes;
  client.destroy();
  server.close();
  await link.close();
  return { ages: watched, used: bytes / (WATCHED_MS / 1000) / (mbit * MBIT) };
}

const offered = congestionControls();
for (const mbit of [2.4, 5]) {
  const rows: string[][] = [];
  for (const control of ['cubic', 'bbr'].filter((name) => offered.includes(name))) {
    for (const lossShare of [0, 0.02]) {
      const runs = await Promise.all(SEEDS.map((seed) => watch(mbit, lossShare, control, seed)));
      const ages = runs.flatMap((run) => run.ages);
      const age = (share: number): string => (percentile(ages, share) ?? Number.NaN).toFixed(0);
      const used = runs.reduce((sum, run) => sum + run.used, 0) / runs.length;
      const perSecond = ages.length / runs.length / (WATCHED_MS / 1000);
      rows.push([
        control,
        `${lossShare * 100} %`,
        age(0.5),
        age(0.95),
        age(0.99),
        perSecond.toFixed(1),
        `${(used * 100).toFixed(0)} %`,
      ]);
    }
  }
  const columns = ['congestion control', 'loss', 'age p50', 'p95', 'p99', 'updates/s', 'link used'];
  printTable(`Updates over ${mbit} Mbit/s, ${2 * DELAY_MS} ms`, columns, rows);
}
process.exit();
