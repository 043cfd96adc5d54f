import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PacketCounter } from '../src/http/websocket/packet-counter.ts';
import { ViewerFlow } from '../src/session/link/flow.ts';
import { fittingBytes } from '../src/session/picture/link-quality.ts';
import { congestionControls, IpLink } from '../test/support/ip-link.ts';
import type { IpLinkOptions } from '../test/support/ip-link-process.ts';
import { percentile } from './statistics.ts';

const MBIT = 125_000;
const RATES_MBIT = [2.4, 5];
const LOSS_SHARES = [0, 0.01, 0.02];
const CONGESTION_CONTROLS = ['cubic', 'bbr'];
const DELAY_MS = 25;
const FRAME_MS = 1000 / 30;
/** Time for capture and encoding, in milliseconds. */
const SERVER_MS = 8;
const FIRST_BYTES = 30_000;
const LEARNING_MS = 2_500;
const WATCHED_MS = 20_000;
/** Connections at the same time, each over its own link, which loses other packets. */
const SEEDS = [1, 2, 3, 4];
/** Bytes of an update besides its content: their number, and the time of its frame. */
const HEADER_BYTES = 12;

/** What arrived over links of one kind. */
export interface LinkResult {
  readonly mbit: number;
  readonly congestionControl: string;
  /** Share of the packets that the link loses, in each direction. */
  readonly lossShare: number;
  /** Ages of updates in milliseconds, from when the screen showed their pixels to when the viewer had them. */
  readonly ageMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly updatesPerSecond: number;
  /** Share of the link's rate that was used. */
  readonly usedShare: number;
}

/**
 * Measures how old updates are that arrive over slow links which lose packets: the real flow control and the real TCP,
 * over a link made of a TUN device. Updates have no content, but the size that LinkQuality would choose. Throws if this
 * process may not make network devices.
 */
export async function measureLinks(): Promise<LinkResult[]> {
  const offered = congestionControls();
  const results: LinkResult[] = [];
  for (const mbit of RATES_MBIT) {
    for (const control of CONGESTION_CONTROLS.filter((name) => offered.includes(name))) {
      for (const lossShare of LOSS_SHARES) results.push(await measure(mbit, control, lossShare));
    }
  }
  return results;
}

async function measure(mbit: number, congestionControl: string, lossShare: number): Promise<LinkResult> {
  const runs = await Promise.all(SEEDS.map((seed) => watch(mbit, lossShare, congestionControl, seed)));
  const ages = runs.flatMap((run) => run.ages);
  const age = (share: number): number => percentile(ages, share) ?? Number.POSITIVE_INFINITY;
  return {
    mbit,
    congestionControl,
    lossShare,
    ageMs: { p50: age(0.5), p95: age(0.95), p99: age(0.99) },
    updatesPerSecond: ages.length / runs.length / (WATCHED_MS / 1000),
    usedShare: runs.reduce((sum, run) => sum + run.used, 0) / runs.length,
  };
}

/** Formats the results as a table of Markdown. */
export function formatLinks(results: readonly LinkResult[]): string {
  const lines = results.map(({ mbit, congestionControl, lossShare, ageMs, updatesPerSecond, usedShare }) =>
    [
      mbit.toFixed(1).padStart(6),
      congestionControl.padEnd(7),
      `${(lossShare * 100).toFixed(0)} %`.padStart(4),
      ageMs.p50.toFixed(0).padStart(7),
      ageMs.p95.toFixed(0).padStart(4),
      ageMs.p99.toFixed(0).padStart(4),
      updatesPerSecond.toFixed(1).padStart(9),
      `${(usedShare * 100).toFixed(0)} %`.padStart(9),
    ].join(' | '),
  );
  return [
    `links: ages in ms of updates over links with a round trip of ${2 * DELAY_MS} ms`,
    '',
    '| Mbit/s | control | loss | age p50 |  p95 |  p99 | updates/s | link used |',
    '| -----: | ------- | ---: | ------: | ---: | ---: | --------: | --------: |',
    ...lines.map((line) => `| ${line} |`),
  ].join('\n');
}

/** Sends updates as a session does: one for each new frame, whenever the flow control lets one leave. */
class Sender {
  readonly #socket: Socket;
  readonly #packets: PacketCounter;
  readonly #flow = new ViewerFlow();
  readonly #frames: NodeJS.Timeout;
  #sentFrame = 0;
  #isEncoding = false;
  #roomTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#packets = new PacketCounter(socket);
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

  /** Ends the connection. The other end's end may be lost, or come when the link is gone. */
  close(): void {
    this.#socket.destroy();
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
    if (congestion.wantsPacketCounts(nowMs)) congestion.packetsCounted(nowMs, this.#packets.read());
    const { rate, isLossy } = congestion;
    const bytes = rate ? Math.round(fittingBytes(rate, isLossy)) : FIRST_BYTES;
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
  const senders = new Set<Sender>();
  const server = createServer({ noDelay: true }, (socket) => senders.add(new Sender(socket)));
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
  for (const sender of senders) sender.close();
  server.close();
  await link.close();
  return { ages: watched, used: bytes / (WATCHED_MS / 1000) / (mbit * MBIT) };
}
