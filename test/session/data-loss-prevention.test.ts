import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { AuditEntry } from '../../src/audit/audit.ts';
import { decodePng } from '../../src/encode/overlay/decode-png.ts';
import * as wire from '../../src/protocol/constants.ts';
import { HttpsClient } from '../support/https-client.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { XPainter } from '../support/x-painter.ts';

const SIZE = { width: 640, height: 400 };
/** The left half of the screen is visible. */
const VISIBLE_WIDTH = 320;
const PAPER = 0xf0e0d0;
const INK = 0x12e45a;
const RULES = `data_loss_prevention:
  visible_region: {right: 50%}
  clipboard:
    server_to_client: {size: 20, primary_clipboard_enabled: false}
    client_to_server: {enabled: false}
  keyboard: {rate_limit: 3}
  watermark:
    tint: 18,228,90,255
    repeat_spacing: 30
    text: {template: '\${USER} \${ADDRESS}', font_size: 20}
  users:
    free:
      visible_region: {right: 0}
      watermark: {tint: '0,0,0,0'}
    Ada: {keyboard: {enabled: false}}
`;
/** Without loss. */
const ENCODINGS = [
  wire.ENCODING_TIGHT,
  wire.ENCODING_COPY_RECT,
  wire.PSEUDO_CURSOR,
  wire.PSEUDO_FENCE,
  wire.PSEUDO_CONTINUOUS_UPDATES,
];

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'deskwire-dlp-'));
let server: RunningDeskwire;
let api: HttpsClient;
let painter: XPainter;
let viewer: Viewer;

before(async () => {
  const config = join(folder, 'deskwire.yaml');
  writeFileSync(config, RULES);
  server = await startDeskwire({
    flags: [
      '--config',
      config,
      '--size',
      '640x400',
      '--run',
      'true',
      '--audit-log',
      join(folder, 'audit.jsonl'),
    ],
  });
  api = new HttpsClient(server.url, server.ca, server.owner);
  painter = await XPainter.open(server.xEnvironment());
  painter.fill(PAPER, { x: 0, y: 0, ...SIZE });
  await painter.settled();
  viewer = await connect(server.owner);
});

after(async () => {
  await viewer?.close();
  await painter?.close();
  await server?.stop();
  rmSync(folder, { recursive: true });
});

const connect = (user: { name: string; password: string }): Promise<Viewer> =>
  Viewer.connectWebSocket({ url: server.url, ca: server.ca, user }, { encodings: ENCODINGS });

/** How many pixels of each half of a picture have each colour. */
function coloursOf(pixelAt: (x: number, y: number) => number) {
  const halves = [new Map<number, number>(), new Map<number, number>()] as const;
  for (let y = 0; y < SIZE.height; y++)
    for (let x = 0; x < SIZE.width; x++) {
      const half = halves[x < VISIBLE_WIDTH ? 0 : 1];
      const colour = pixelAt(x, y);
      half.set(colour, (half.get(colour) ?? 0) + 1);
    }
  return { visible: halves[0], concealed: halves[1] };
}

function assertLimited({ visible, concealed }: ReturnType<typeof coloursOf>): void {
  assert.deepEqual([...concealed.keys()], [0]);
  assert.ok((visible.get(INK) ?? 0) > 500, 'the watermark');
  assert.ok((visible.get(PAPER) ?? 0) > 50_000, 'the screen');
}

const trail = (): AuditEntry[] =>
  readFileSync(join(folder, 'audit.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

const refusals = (): string[] =>
  trail().flatMap(({ door, code, what, user }) =>
    code?.startsWith('AUDIT_') ? `${user} ${door} ${what} ${code}` : [],
  );

/** Has a program copy or mark a text. */
const copy = (selection: 'clipboard' | 'primary', text: string) =>
  run('sh', ['-c', `printf %s '${text}' | xclip -i -selection ${selection} > /dev/null 2>&1`], {
    env: server.xEnvironment(),
  });

test('a viewer sees the visible region with its watermark, and black elsewhere, also of later changes', async () => {
  await waitFor('the picture', () => viewer.framebuffer.pixelAt(1, 1) === PAPER);
  painter.fill(0xff0000, { x: 400, y: 100, width: 200, height: 100 });
  painter.fill(0x0000ff, { x: 280, y: 250, width: 80, height: 20 });
  // Out of the concealed region and back.
  painter.move(400, 100, { x: 100, y: 300, width: 200, height: 40 });
  painter.move(100, 300, { x: 400, y: 50, width: 200, height: 40 });
  painter.fill(PAPER, { x: 100, y: 300, width: 200, height: 40 });
  await painter.settled();
  await waitFor('the blue part', () =>
    coloursOf((x, y) => viewer.framebuffer.pixelAt(x, y)).visible.has(0x0000ff),
  );
  await viewer.roundTrip();
  assertLimited(coloursOf((x, y) => viewer.framebuffer.pixelAt(x, y)));
});

test('a screenshot is limited as its user is, and another user sees everything', async () => {
  const created = await api.get('/api/create_user?name=free&password=sees-it-all&read=true&owner=true');
  assert.equal(created.status, 200);
  const screenshot = async (client: HttpsClient) => {
    const answer = await client.get('/api/get_screenshot?format=png');
    assert.equal(answer.status, 200, answer.text());
    const { rgba } = decodePng(answer.body);
    return coloursOf((x, y) => {
      const at = (y * SIZE.width + x) * 4;
      return (rgba[at]! << 16) | (rgba[at + 1]! << 8) | rgba[at + 2]!;
    });
  };
  assertLimited(await screenshot(api));
  const free = await screenshot(
    new HttpsClient(server.url, server.ca, { name: 'free', password: 'sees-it-all' }),
  );
  assert.ok(free.concealed.has(0xff0000) && free.concealed.has(PAPER));
  assert.ok(!free.visible.has(INK));
});

test('the limits of the clipboard hold in both directions, and refusals are in the audit trail', async () => {
  const texts: string[] = [];
  viewer.on('message', (message) => {
    if (message.type === 'cutText') texts.push(message.text);
  });
  await copy('primary', 'only marked');
  await copy('clipboard', 'longer than twenty bytes');
  await waitFor('the refusal', () => refusals().includes('ada clipboard offered AUDIT_CLIPBOARD_SIZE'));
  await copy('clipboard', 'short enough');
  await waitFor('the short text', () => texts.length > 0);
  assert.deepEqual(texts, ['short enough']);
  viewer.send({ type: 'clientCutText', text: 'from the viewer' });
  await waitFor('the refusal', () => refusals().includes('ada clipboard set AUDIT_CLIPBOARD_OFF'));
  const { stdout } = await run('xclip', ['-o', '-selection', 'clipboard'], { env: server.xEnvironment() });
  assert.equal(stdout, 'short enough');
});

test('a click in the concealed region is refused, and so are keys beyond the rate, whatever connection they use', async () => {
  const others = await Promise.all([connect(server.owner), connect(server.owner)]);
  viewer.sendPointer(500, 100, 1);
  viewer.sendPointer(500, 100, 0);
  for (const one of [viewer, ...others])
    for (const keysym of [97, 98]) {
      one.sendKey(keysym, true);
      one.sendKey(keysym, false);
    }
  await waitFor('the refusals', () => {
    const found = refusals();
    return (
      found.includes('ada input pointer AUDIT_CONCEALED') && found.includes('ada input key AUDIT_KEY_RATE')
    );
  });
  for (const other of others) await other.close();
  const text = readFileSync(join(folder, 'audit.jsonl'), 'utf8');
  assert.doesNotMatch(text, /from the viewer|short enough|longer than/);
});

test('rules for a user who does not exist are logged at the start', async () => {
  await waitFor('the line in the log', () => {
    const { stdout, stderr } = server.output();
    return /"Ada".*rules for users who do not exist/.test(stdout + stderr);
  });
});
