import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { HttpsClient } from '../support/https-client.ts';
import { withSlack } from '../support/limits.ts';
import { connectWebSocket } from '../support/transport-websocket.ts';
import type { Viewer } from '../support/viewer.ts';
import { shakeHands } from '../support/viewer-handshake.ts';
import { waitFor } from '../support/wait-for.ts';
import { ADA, BOB, ContractServer, createReaders, EVE, LOOKER, type Login } from './contract-server.ts';

/** Connections of a crowd, and how many of them connect at a time. */
const MANY = 500;
const AT_A_TIME = 25;

const ID = /^127\.0\.0\.1_\d{10}\.\d{6}::websocket$/;
let server: ContractServer;
let ada: HttpsClient;
const viewers: Viewer[] = [];
before(async () => {
  server = await ContractServer.start();
  ada = server.client(ADA);
  await createReaders(server);
});
after(() => server.close());
afterEach(async () => {
  await Promise.all(viewers.splice(0).map((viewer) => viewer.close()));
  await waitFor('nobody to be connected', async () => (await bottlenecks()).text === '{}');
});

async function look(login: Login): Promise<Viewer> {
  const viewer = await server.viewer(login);
  viewers.push(viewer);
  return viewer;
}

async function bottlenecks(): Promise<{ text: string; value: Record<string, Record<string, number[]>> }> {
  const answer = await ada.get('/api/get_bottleneck_stats');
  assert.equal(answer.status, 200);
  return { text: answer.text(), value: answer.json() };
}

test('get_bottleneck_stats without viewers is {}', async () => {
  assert.equal((await bottlenecks()).text, '{}');
});

test('get_bottleneck_stats has four levels with one decimal for each connection, even without a frame', async () => {
  await look(ADA);
  await look(ADA);
  await look(EVE);
  const { text, value } = await bottlenecks();
  assert.deepEqual(Object.keys(value).sort(), ['ada', 'eve']);
  assert.equal(Object.keys(value.ada!).length, 2);
  for (const connections of Object.values(value)) {
    for (const [id, numbers] of Object.entries(connections)) {
      assert.match(id, ID);
      assert.equal(numbers.length, 4);
      assert.ok(numbers.every((number) => number >= 0 && number <= 10));
    }
  }
  assert.match(text, /:\[\d+\.\d,\d+\.\d,\d+\.\d,\d+\.\d\]/);
});

test('get_bottleneck_stats of a still screen is 10 for a viewer with read, and for one that lost it', async () => {
  const seeing = await look(LOOKER);
  const blind = { name: 'to-be-blind', password: 'blind-secret' };
  await ada.get(`/api/create_user?name=${blind.name}&password=${blind.password}&read=true`);
  const other = await look(blind);
  for (const viewer of [seeing, other]) await viewer.waitForUpdate(() => viewer.framebuffer.pixels[0] !== 0);
  await ada.get(`/api/update_user?name=${blind.name}&read=false`);
  await other.waitForUpdate(() => other.framebuffer.pixels[0] === 0);
  const { value } = await bottlenecks();
  assert.deepEqual(Object.keys(value).sort(), [LOOKER.name, blind.name]);
  for (const connections of Object.values(value))
    assert.deepEqual(Object.values(connections), [[10, 10, 10, 10]]);
});

test('get_bottleneck_stats lists each of 500 connections once, under its own user', async () => {
  const limits = { viewers: 2 * MANY, viewersOfUser: MANY, viewersOfAddress: 2 * MANY };
  const crowded = await ContractServer.start({ limits });
  try {
    const owner = crowded.client(ADA);
    // One name is the beginning of the other.
    for (const name of ['a', 'a1'])
      await owner.get(`/api/create_user?name=${name}&password=${name}-secret&read=true`);
    const join = async (number: number): Promise<void> => {
      const name = number % 5 === 0 ? 'a' : 'a1';
      const target = { url: crowded.url, ca: crowded.ca, user: { name, password: `${name}-secret` } };
      await shakeHands(await connectWebSocket(target));
    };
    for (let joined = 0; joined < MANY; joined += AT_A_TIME)
      await Promise.all(Array.from({ length: AT_A_TIME }, (_, i) => join(joined + i)));
    const answer = await owner.get('/api/get_bottleneck_stats');
    const stats: Record<string, Record<string, number[]>> = answer.json();
    assert.deepEqual(
      Object.entries(stats)
        .map(([user, connections]) => [user, Object.keys(connections).length])
        .sort(),
      [
        ['a', MANY / 5],
        ['a1', MANY - MANY / 5],
      ],
    );
    const { viewers: listed } = (await owner.get('/api/viewers')).json();
    const ids = Object.values(stats).flatMap((connections) => Object.keys(connections));
    assert.equal(new Set(ids).size, MANY);
    for (const { id, user } of listed) assert.deepEqual(stats[user]![id], [10, 10, 10, 10]);
    assert.equal(listed.length, MANY);
  } finally {
    await crowded.close();
  }
});

test('get_bottleneck_stats lists users with any name', async () => {
  for (const name of ['__proto__', 'constructor', '"quoted"', 'ünï']) {
    await ada.get(`/api/create_user?name=${encodeURIComponent(name)}&password=p&read=true`);
    await look({ name, password: 'p' });
    const { text } = await bottlenecks();
    assert.ok(text.includes(`${JSON.stringify(name)}:{`), text);
  }
});

test('get_frame_stats without viewers makes a frame, and the client side is empty', async () => {
  // The threads that encode have ended if they had no work for a while. They start with the first call.
  await ada.get('/api/get_frame_stats');
  const startMs = performance.now();
  const {
    frame,
    server_side: serverSide,
    client_side: clientSide,
  } = (await ada.get('/api/get_frame_stats')).json();
  assert.ok(performance.now() - startMs < withSlack(500));
  assert.deepEqual([frame.resx, frame.resy], [320, 200]);
  assert.ok(frame.changed >= 0 && frame.changed <= 100);
  assert.ok(Number.isInteger(frame.server_time) && Number.isInteger(frame.server_time_us));
  const names = serverSide.map((entry: { process_name: string }) => entry.process_name);
  assert.deepEqual(names.slice(0, 5), [
    'Analysis',
    'Screenshot',
    'Encoding_total',
    'TightJPEGEncoder',
    'TightWEBPEncoder',
  ]);
  for (const entry of serverSide) {
    assert.ok(Number.isInteger(entry.time) && Number.isInteger(entry.time_us), entry.process_name);
    if (/Encoder$/.test(entry.process_name))
      assert.ok(Number.isInteger(entry.count) && Number.isInteger(entry.area));
  }
  assert.ok(Number.isInteger(serverSide[2].videoscaling));
  assert.deepEqual(clientSide, []);
});

test('get_frame_stats takes auto, all, none and ids as client, and refuses other values', async () => {
  await look(BOB);
  const [id = ''] = Object.keys((await bottlenecks()).value.bob!);
  for (const client of ['auto', 'all', 'none', id]) {
    const answer = await ada.get(`/api/get_frame_stats?client=${client}`);
    assert.equal(answer.status, 200, client);
    // The call does not wait for viewers that cannot report.
    assert.deepEqual(answer.json().client_side, []);
  }
  for (const client of ['', 'AUTO', 'first', `${id}x`]) {
    const answer = await ada.get(`/api/get_frame_stats?client=${client}`);
    assert.equal(answer.status, 400, client);
    assert.equal(answer.json().code, 'SESSION_NO_SUCH_CLIENT');
  }
});

test('concurrent calls of get_frame_stats are all answered', async () => {
  const answers = await Promise.all([1, 2, 3, 4].map(() => ada.get('/api/get_frame_stats?client=none')));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200],
  );
});

test('send_full_frame sends the whole screen again to every viewer', async () => {
  const [one, other] = [await look(ADA), await look(EVE)];
  const areas = [0, 0];
  await waitFor(
    'the first picture',
    () => one.framebuffer.pixels[0] !== 0 && other.framebuffer.pixels[0] !== 0,
  );
  for (const [index, viewer] of [one, other].entries()) {
    viewer.on('update', ({ rects }) => {
      for (const { width, height } of rects) areas[index]! += width * height;
    });
  }
  assert.equal((await ada.get('/api/send_full_frame')).text(), '200 OK');
  await waitFor('whole screens', () => areas.every((area) => area >= 320 * 200));
});
