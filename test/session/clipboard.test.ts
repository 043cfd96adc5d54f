import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import * as wire from '../../src/protocol/constants.ts';
import { clipboardTextFromInflated } from '../../src/protocol/extended-clipboard.ts';
import type { ServerMessage } from '../../src/protocol/server-message-reader.ts';
import { ClipboardProgram } from '../desktop/clipboard-program.ts';
import { scratch } from '../desktop/support.ts';
import { clipboardTextToDeflate } from '../support/clipboard-text-to-deflate.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { STANDARD_ENCODINGS, Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

const EXTENDED = [...STANDARD_ENCODINGS, wire.PSEUDO_EXTENDED_CLIPBOARD];
const KASM = [...STANDARD_ENCODINGS, wire.PSEUDO_STREAMING_JPEG_WEBP];
const OURS = [...EXTENDED, wire.PSEUDO_DESKWIRE];
const PROVIDE_TEXT = wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT;
const REQUEST_TEXT = wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT;
const MIB = 1 << 20;

const dir = scratch();
let server: RunningDeskwire;
let env: NodeJS.ProcessEnv;

before(async () => {
  server = await startDeskwire({ flags: ['--size', '640x480', '--run', 'exec sleep 1000'] });
  env = server.xEnvironment();
});
after(async () => {
  await server?.stop();
  rmSync(dir, { recursive: true });
});

/** A viewer, and the messages that it was sent. Ends with the test. */
async function connect(encodings: readonly number[]) {
  const target = { url: server.url, ca: server.ca, user: server.owner };
  const messages: ServerMessage[] = [];
  const viewer = await Viewer.connectWebSocket(target, { encodings });
  viewer.on('message', (message) => messages.push(message));
  const of = <T extends ServerMessage['type']>(type: T) =>
    messages.filter((message) => message.type === type) as Extract<ServerMessage, { type: T }>[];
  await viewer.roundTrip();
  return { viewer, of, [Symbol.asyncDispose]: () => viewer.close() };
}

const FORMATS = wire.CLIPBOARD_TEXT | wire.CLIPBOARD_HTML;

/** How often a viewer with the extended clipboard was told of a content, as text alone or also as HTML. */
const offered = ({ of }: Awaited<ReturnType<typeof connect>>): number =>
  of('extendedClipboard').filter(({ flags }) => (flags & ~FORMATS) === wire.CLIPBOARD_NOTIFY).length;

/** Has a program copy the contents of a file. Resolves when it owns the clipboard; it stays until it is ended. */
async function copy(data: Buffer, type = 'UTF8_STRING') {
  const file = join(dir, 'copied');
  writeFileSync(file, data);
  const args = ['-quiet', '-selection', 'clipboard', '-in', '-target', type, file];
  return spawn('xclip', args, { env, stdio: 'ignore' });
}

const paste = (type = 'UTF8_STRING'): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const child = spawn('xclip', ['-selection', 'clipboard', '-o', '-target', type], { env });
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(Buffer.concat(pieces)) : reject(new Error(`${code}`)),
    );
  });

const pasted = async (data: Buffer, type?: string): Promise<boolean> => {
  const found = await paste(type).catch(() => undefined);
  return found?.equals(data) ?? false;
};

const warnings = (): string[] =>
  server
    .output()
    .stderr.split('\n')
    .concat(server.output().stdout.split('\n'))
    .filter((line) => line.includes('it is too large'));

test('a text of 1.5 MiB by plain cut text reaches the desktop', async () => {
  await using one = await connect(STANDARD_ENCODINGS);
  const text = Buffer.from('cut text '.repeat(175_000));
  assert.ok(text.length > 1.5 * MIB);
  one.viewer.send({ type: 'clientCutText', text: text.toString() });
  await waitFor('the text', () => pasted(text));
});

test('12 MiB of text are refused with a message to the user and a line in the log, and the viewer stays connected', async () => {
  const text = 'x'.repeat(12 * MIB);
  await using ours = await connect(OURS);
  await using plain = await connect(STANDARD_ENCODINGS);
  await using kasm = await connect(KASM);
  ours.viewer.send({
    type: 'extendedClipboard',
    flags: PROVIDE_TEXT,
    data: deflateSync(clipboardTextToDeflate(text)),
  });
  await waitFor('the notice', () => /too large.* 10 MiB/.test(ours.of('notice')[0]?.text ?? ''));
  plain.viewer.send({ type: 'clientCutText', text });
  kasm.viewer.send({ type: 'binaryClipboard', items: [{ mime: 'text/plain', data: Buffer.from(text) }] });
  for (const { viewer, of } of [plain, kasm]) {
    await waitFor('the bell', () => of('bell').length === 1);
    await viewer.roundTrip();
  }
  await waitFor('three lines in the log', () => warnings().length === 3);
  assert.match(warnings()[0]!, /"?user"?[:=] ?"?ada/);
  // The next one passes.
  ours.viewer.send({ type: 'clientCutText', text: 'small enough' });
  await waitFor('the next text', () => pasted(Buffer.from('small enough')));
});

test('a message of any length is dropped as it arrives, and the viewer stays connected', async () => {
  await using plain = await connect(STANDARD_ENCODINGS);
  const head = Buffer.from([6, 0, 0, 0, 0, 0, 0, 0]);
  head.writeInt32BE(60 * MIB, 4);
  plain.viewer.sendRaw(head);
  for (let i = 0; i < 60; i++) plain.viewer.sendRaw(new Uint8Array(MIB));
  await plain.viewer.roundTrip();
  assert.equal(plain.of('bell').length, 1);
});

test('what a program copies beyond the limit is told to the user, and so is the next copy that is not', async () => {
  await using ours = await connect(OURS);
  const large = await copy(Buffer.alloc(12 * MIB, 'y'));
  await waitFor('the notice', () => ours.of('notice').length === 1);
  assert.match(ours.of('notice')[0]!.text, /copied in the desktop is too large/);
  const before = offered(ours);
  const small = await copy(Buffer.from('small'));
  await waitFor('the small copy', () => offered(ours) > before);
  large.kill();
  small.kill();
});

test('a viewer that connects later is offered what was copied before, in the form that it knows', async () => {
  const program = await copy(Buffer.from('copied early ü'));
  await using first = await connect(EXTENDED);
  await waitFor('the offer', () => offered(first) > 0);
  await using plain = await connect(STANDARD_ENCODINGS);
  await waitFor('the cut text', () => plain.of('cutText').at(-1)?.text === 'copied early ü');
  await using kasm = await connect(KASM);
  await waitFor('the items', () => kasm.of('binaryClipboard').length === 1);
  await using later = await connect(EXTENDED);
  await waitFor('the late offer', () => offered(later) === 1);
  later.viewer.send({ type: 'extendedClipboard', flags: REQUEST_TEXT, data: new Uint8Array(0) });
  const answer = await later.viewer.waitForMessage('extendedClipboard');
  assert.equal(clipboardTextFromInflated(answer.flags, inflateSync(answer.data)), 'copied early ü');
  program.kill();
});

test('an echo takes the clipboard from no program, and is told to no viewer', async () => {
  const program = await ClipboardProgram.open(env);
  await using one = await connect(EXTENDED);
  await using other = await connect(STANDARD_ENCODINGS);
  const forms = { UTF8_STRING: Buffer.from('kept'), 'text/html': Buffer.from('<b>kept</b>') };
  const offeredAtStart = offered(one);
  await program.own('CLIPBOARD', forms);
  await waitFor('the copy', () => other.of('cutText').at(-1)?.text === 'kept');
  await waitFor('the offer', () => offered(one) > offeredAtStart);
  const before = [offered(one), other.of('cutText').length];
  one.viewer.send({
    type: 'extendedClipboard',
    flags: PROVIDE_TEXT,
    data: deflateSync(clipboardTextToDeflate('kept')),
  });
  other.viewer.send({ type: 'clientCutText', text: 'kept' });
  await one.viewer.roundTrip();
  await other.viewer.roundTrip();
  await program.x.sync();
  assert.deepEqual(program.lost, []);
  other.viewer.send({ type: 'clientCutText', text: 'not kept' });
  await waitFor('the loss', () => program.lost.length > 0);
  assert.deepEqual([offered(one), other.of('cutText').length], before);
  await program.close();
});

/** Whether parcellite has a text in its history, which it keeps in a file. */
function isKept(text: string): boolean {
  try {
    return readFileSync(join(dir, 'parcellite', 'history')).includes(text);
  } catch {
    return false;
  }
}

test('beside a clipboard manager, copies and pastes arrive once, and outlive the programs that they came from', async () => {
  const manager = spawn('parcellite', ['--no-icon'], {
    env: { ...env, HOME: dir, XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir },
    stdio: 'ignore',
  });
  try {
    await using one = await connect(STANDARD_ENCODINGS);
    const before = one.of('cutText').length;
    const text = 'from a viewer';
    one.viewer.send({ type: 'clientCutText', text });
    await waitFor('the text in the manager', () => isKept(text));
    assert.ok(await pasted(Buffer.from(text)));
    const copied = 'copied by a program';
    const program = await copy(Buffer.from(copied));
    await waitFor('the copy', () => one.of('cutText').at(-1)?.text === copied);
    await waitFor('the copy in the manager', () => isKept(copied));
    program.kill();
    await waitFor('the copy without its program', () => pasted(Buffer.from(copied)));
    // Takes longer than the server waits before it reads what the manager has claimed.
    for (let i = 0; i < 10; i++) assert.ok(await pasted(Buffer.from(copied)));
    const next = await copy(Buffer.from('copied next'));
    await waitFor('the next copy', () => one.of('cutText').at(-1)?.text === 'copied next');
    const told = one.of('cutText').slice(before);
    assert.deepEqual(
      told.map((message) => message.text),
      [copied, 'copied next'],
    );
    next.kill();
  } finally {
    manager.kill();
  }
});

test('text that is marked to be replaced is sent to no viewer; text in a program whose users copy by marking is', async () => {
  const program = await ClipboardProgram.open(env);
  const terminal = await ClipboardProgram.open(env);
  await using one = await connect(STANDARD_ENCODINGS);
  const before = one.of('cutText').length;
  const told = (): string[] =>
    one
      .of('cutText')
      .slice(before)
      .map(({ text }) => text);
  const marked = Buffer.from('marked');
  await program.own('PRIMARY', { UTF8_STRING: marked, 'text/plain': marked });
  const copied = await copy(Buffer.from('copied behind it'));
  await waitFor('the copy', () => told().includes('copied behind it'));
  await terminal.own('PRIMARY', { UTF8_STRING: Buffer.from('marked in a terminal') });
  await waitFor('the marked text', () => told().includes('marked in a terminal'));
  assert.deepEqual(told(), ['copied behind it', 'marked in a terminal']);
  copied.kill();
  await Promise.all([program.close(), terminal.close()]);
});

const TEN_MB = Buffer.from(randomBytes(5_000_000).toString('hex'));

test('a large content goes to many connections of one user, one after the other', async () => {
  const many = await Promise.all(Array.from({ length: 12 }, () => connect(KASM)));
  try {
    const program = await copy(TEN_MB);
    for (const { of } of many)
      await waitFor(
        'the content',
        () => of('binaryClipboard').at(-1)?.items[0]?.data.length === TEN_MB.length,
      );
    program.kill();
  } finally {
    await Promise.all(many.map(({ viewer }) => viewer.close()));
  }
});
