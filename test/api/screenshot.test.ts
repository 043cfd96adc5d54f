import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { HttpsAnswer, HttpsClient } from '../support/https-client.ts';
import { ADA, BOB, ContractServer } from './contract-server.ts';

let server: ContractServer;
let ada: HttpsClient;
before(async () => {
  server = await ContractServer.start();
  ada = server.client(ADA);
});
after(() => server.close());

const shot = (query = '', headers: Record<string, string> = {}): Promise<HttpsAnswer> =>
  ada.get(`/api/get_screenshot${query}`, { headers });
const repaint = (colour: number): void =>
  server.desktop.paint({ x: 0, y: 0, width: 320, height: 200 }, colour);

/** Width, height and the first component's sampling of a JPEG, from its frame header (T.81, B.2.2). */
function jpegHeader(bytes: Buffer): { size: string; sampling: number } {
  assert.equal(bytes.readUInt16BE(0), 0xffd8);
  let at = 2;
  while (![0xc0, 0xc2].includes(bytes[at + 1]!)) at += 2 + bytes.readUInt16BE(at + 2);
  return { size: `${bytes.readUInt16BE(at + 7)}x${bytes.readUInt16BE(at + 5)}`, sampling: bytes[at + 11]! };
}

test('a screenshot without parameters is the whole screen as a JPEG, and needs no viewer', async () => {
  const answer = await shot();
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'image/jpeg');
  assert.equal(jpegHeader(answer.body).size, '320x200');
});

test('a screenshot shows the screen as it is after the request', async () => {
  for (const colour of [0xff0000, 0x00ff00, 0x0000ff]) {
    repaint(colour);
    const { body } = await shot('?format=png&width=1');
    repaint(0);
    assert.equal(await colourOf(body), colour);
  }
});

/** The colour of the first pixel of a PNG, 0xrrggbb. */
async function colourOf(png: Buffer): Promise<number> {
  const { inflateSync } = await import('node:zlib');
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  // The byte before it is the filter of the row, which leaves the first pixel as it is.
  return inflateSync(Buffer.concat(parts)).readUIntBE(1, 3);
}

test('a screenshot has the width, or else the height, that was asked for, and keeps its aspect ratio', async () => {
  for (const [query, size] of [
    ['?width=160', '160x100'],
    ['?width=160&height=7', '160x100'],
    ['?height=100', '160x100'],
    ['?width=5000', '320x200'],
    ['?height=5000', '320x200'],
    ['?width=1', '1x1'],
    ['?height=1', '2x1'],
    ['?x=10&y=20&w=100&h=50', '100x50'],
    ['?x=10&y=20&w=100&h=50&width=50', '50x25'],
  ] as const) {
    assert.equal(jpegHeader((await shot(query)).body).size, size, query);
  }
});

test('each quality of a screenshot has its own chroma subsampling, and the default is 7', async () => {
  const samplings = [];
  for (let quality = 0; quality <= 9; quality++)
    samplings.push(jpegHeader((await shot(`?quality=${quality}`)).body).sampling);
  const [subsampledBoth, subsampledAcross, full] = [0x22, 0x21, 0x11];
  assert.deepEqual(samplings, [
    ...Array(3).fill(subsampledBoth),
    ...Array(3).fill(subsampledAcross),
    ...Array(4).fill(full),
  ]);
  assert.deepEqual((await shot()).body, (await shot('?quality=7')).body);
});

test('a screenshot with an invalid parameter is refused, and the answer names the parameter', async () => {
  for (const [name, values] of Object.entries({
    quality: ['-1', '10', '7.5', '', 'high'],
    width: ['0', '-1', '1.5', '65536', 'wide'],
    height: ['0', 'x'],
    format: ['gif', 'JPEG', ''],
    deduplicate: ['yes', ''],
    cursor: ['2'],
    x: ['-1'],
    w: ['0'],
  })) {
    for (const value of values) {
      const answer = await shot(`?${name}=${value}`);
      assert.equal(answer.status, 400, `${name}=${value}`);
      assert.ok(answer.json().detail.includes(`"${name}"`));
    }
  }
  assert.equal((await shot('?x=1&y=1')).json().code, 'API_PARAMETER_MISSING');
});

test('a screenshot has the format that was asked for', async () => {
  const starts = { png: '89504e470d0a1a0a', webp: '52494646', jpeg: 'ffd8' };
  for (const [format, start] of Object.entries(starts)) {
    const answer = await shot(`?format=${format}`);
    assert.equal(answer.headers['content-type'], `image/${format}`);
    assert.ok(answer.body.toString('hex').startsWith(start), format);
  }
});

test('deduplicate answers 204 if this user was sent the same picture for the same parameters', async () => {
  repaint(0x102030);
  const same = '?width=64&deduplicate=true';
  assert.equal((await shot(same)).status, 200);
  const again = await shot(same);
  assert.equal(again.status, 204);
  assert.equal(again.body.length, 0);

  assert.equal((await shot('?width=65&deduplicate=true')).status, 200, 'another width');
  assert.equal((await shot('?width=64&height=9&deduplicate=true')).status, 200, 'another height');
  assert.equal((await shot('?width=64&quality=3&deduplicate=true')).status, 200, 'another quality');
  assert.equal((await server.client(BOB).get(`/api/get_screenshot${same}`)).status, 200, 'another user');
  assert.equal((await shot(same)).status, 204);
  assert.equal((await shot('?width=64')).status, 200, 'without deduplicate');

  repaint(0x203040);
  assert.equal((await shot(same)).status, 200, 'another picture');
  repaint(0x304050);
  assert.equal((await ada.send(`/api/get_screenshot${same}`, { method: 'HEAD' })).status, 200);
  assert.equal((await shot(same)).status, 200, 'a HEAD sent no picture');
});

test('a user who was removed and created again gets the first screenshot in spite of deduplicate', async () => {
  const fred = { name: 'fred', password: 'p' };
  for (let time = 0; time < 2; time++) {
    await ada.get('/api/create_user?name=fred&password=p&owner=true');
    assert.equal((await server.client(fred).get('/api/get_screenshot?deduplicate=true')).status, 200);
    await ada.get('/api/remove_user?name=fred');
  }
});

test('an ETag depends on the pixels and the parameters of a screenshot, and If-None-Match answers 304', async () => {
  repaint(0x556677);
  const first = await shot('?width=80');
  const etag = first.headers.etag!;
  assert.match(etag, /^"[^"]+"$/);
  for (const header of [etag, `"x", ${etag}`, `W/${etag}`, '*']) {
    const answer = await shot('?width=80', { 'if-none-match': header });
    assert.equal(answer.status, 304, header);
    assert.equal(answer.body.length, 0);
    assert.equal(answer.headers.etag, etag);
  }
  assert.equal((await shot('?width=80', { 'if-none-match': '"x"' })).status, 200);
  assert.equal((await shot('?width=81', { 'if-none-match': etag })).status, 200);
  repaint(0x556688);
  assert.equal((await shot('?width=80', { 'if-none-match': etag })).status, 200);
});

test('a screenshot of a crop outside the screen is refused, and the next one is made', async () => {
  assert.equal((await shot('?x=320&y=0&w=1&h=1')).json().code, 'SESSION_BAD_CROP');
  repaint(0x665544);
  assert.equal((await shot()).status, 200);
});
