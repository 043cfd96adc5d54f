import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import type { ClipboardChange, Desktop } from '../../src/desktop/desktop.ts';
import { selectionAtoms } from '../../src/desktop/x11/clipboard/selection-atoms.ts';
import { MAX_CONTENT_BYTES } from '../../src/desktop/x11/clipboard/selection-reading.ts';
import type { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { NO_CONTENT, textContent, textOf } from '../../src/protocol/clipboard-content.ts';
import { bareDesktop, connectTo, until, x } from './support.ts';

let desktop: Desktop;
let env: NodeJS.ProcessEnv;

before(async () => {
  ({ desktop, env } = await bareDesktop());
});
after(() => desktop.close());

/** Bytes of a piece: no X request can be larger than 256 KiB without BIG-REQUESTS. */
const PIECE_BYTES = 128 * 1024;

const LONG = 'Grüße, мир, あ 😀 — '.repeat(25_000);

/** Resolves when xclip has taken the selection. It stays in the background to serve it, and ends with the X server. */
async function copy(selection: string, text: string): Promise<void> {
  const child = spawn('xclip', ['-selection', selection, '-in'], {
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end(text);
  await once(child, 'exit');
}

for (const selection of ['clipboard', 'primary']) {
  test(`text offered by a viewer is in ${selection}`, async () => {
    await desktop.setClipboard(textContent('für dich €'));
    assert.equal(await x(env, 'xclip', '-selection', selection, '-o'), 'für dich €');
    assert.equal(
      await x(env, 'xclip', '-selection', selection, '-o', '-target', 'UTF8_STRING'),
      'für dich €',
    );
    assert.equal(
      await x(env, 'xclip', '-selection', selection, '-o', '-target', 'STRING'),
      Buffer.from('für dich ?', 'latin1').toString(),
    );
    const targets = await x(env, 'xclip', '-selection', selection, '-o', '-target', 'TARGETS');
    assert.match(targets, /UTF8_STRING/);
  });

  test(`text copied to ${selection} reaches the viewers`, async () => {
    const told = once(desktop, 'clipboard');
    await copy(selection, `kopiert nach ${selection} 😀`);
    const [{ content, tooLarge, how }] = (await told) as [ClipboardChange];
    assert.equal(textOf(content), `kopiert nach ${selection} 😀`);
    assert.deepEqual([how, tooLarge], [selection === 'clipboard' ? 'copied' : 'marked only', []]);
  });
}

test('a text of 600 KB from a viewer reaches a program in pieces', async () => {
  assert.ok(Buffer.byteLength(LONG) > 600_000);
  await desktop.setClipboard(textContent(LONG));
  assert.equal(await x(env, 'xclip', '-selection', 'clipboard', '-o'), LONG);
});

test('a text of 600 KB from a program reaches the viewers', async () => {
  const told = once(desktop, 'clipboard');
  await copy('clipboard', LONG);
  const [{ content }] = (await told) as [ClipboardChange];
  assert.equal(textOf(content) === LONG, true);
});

test('clearing the clipboard empties both selections', async () => {
  await desktop.setClipboard(textContent('secret'));
  await desktop.setClipboard(NO_CONTENT);
  for (const selection of ['clipboard', 'primary']) {
    await assert.rejects(x(env, 'xclip', '-selection', selection, '-o'));
  }
});

test('text offered by a viewer is not reported as copied by a program', async () => {
  const told: (string | undefined)[] = [];
  const note = ({ content }: ClipboardChange): void => void told.push(textOf(content));
  desktop.on('clipboard', note);
  await desktop.setClipboard(textContent('from a viewer'));
  const next = once(desktop, 'clipboard');
  await copy('clipboard', 'from a program');
  await next;
  desktop.off('clipboard', note);
  assert.deepEqual(told, ['from a program']);
});

test('programs get the newest of a thousand texts that were set at once', async () => {
  await Promise.all(Array.from({ length: 1000 }, (_, i) => desktop.setClipboard(textContent(`text ${i}`))));
  assert.equal(await x(env, 'xclip', '-selection', 'clipboard', '-o'), 'text 999');
});

test('viewers get the newest of many large copies in quick succession, whole', async () => {
  const told: (string | undefined)[] = [];
  const note = ({ content }: ClipboardChange): void => void told.push(textOf(content));
  desktop.on('clipboard', note);
  const newest = 'the newest '.repeat(400_000);
  const older = Array.from({ length: 5 }, (_, i) => copy('clipboard', `copy ${i} `.repeat(400_000)));
  // One that takes the selection late would be the newest.
  await Promise.all(older);
  await copy('clipboard', newest);
  await until(() => told.at(-1) === newest, 'the newest copy');
  desktop.off('clipboard', note);
});

test('a text beyond the limit is reported as too large, and the next one whole', async () => {
  const told: (string | undefined)[] = [];
  const note = ({ content }: ClipboardChange): void => void told.push(textOf(content));
  desktop.on('clipboard', note);
  const piece = Buffer.alloc(PIECE_BYTES, 'x');
  const owner = await startOwner(piece, Math.ceil((MAX_CONTENT_BYTES + 1) / PIECE_BYTES));
  await until(() => owner.isOver(), 'the end of the large text');
  await copy('clipboard', 'small enough');
  await until(() => told.length > 1, 'the small copy');
  assert.deepEqual(told, [undefined, 'small enough']);
  desktop.off('clipboard', note);
  await owner.x.close();
});

/**
 * A program that owns the clipboard and answers each request with `count` equal pieces, and an empty one at their end,
 * by ICCCM's INCR. `isOver` says whether the empty piece has been taken.
 */
async function startOwner(
  piece: Buffer,
  count: number,
): Promise<{ x: XConnection; pieces(): number; isOver(): boolean }> {
  const owner = await connectTo(env);
  const { clipboard, utf8, incr, targets } = await selectionAtoms(owner);
  const window = owner.client.AllocID();
  owner.client.CreateWindow(window, owner.root, 0, 0, 1, 1, 0, 0, 2, 0, {});
  let pieces = 0;
  owner.onEvent((event) => {
    if (event.type === 30) {
      const { requestor, selection, target, time } = event;
      const property = target === targets ? 0 : event.property;
      if (property !== 0) {
        owner.client.ChangeWindowAttributes(requestor as number, { eventMask: 1 << 22 }, () => true);
        owner.client.ChangeProperty(0, requestor as number, property as number, incr, 32, [1], () => true);
      }
      const name = 'SelectionNotify';
      const answer = { name, type: 31, seq: 0, time, requestor, selection, target, property };
      owner.client.SendEvent(requestor as number, 0, 0, answer, () => true);
    } else if (event.type === 28 && event.state === 1) {
      pieces++;
      if (pieces > count + 1) return;
      const data = pieces <= count ? piece : Buffer.alloc(0);
      owner.client.ChangeProperty(0, event.wid as number, event.atom as number, utf8, 8, data, () => true);
    }
  });
  owner.client.SetSelectionOwner(window, clipboard, 0);
  return { x: owner, pieces: () => pieces, isOver: () => pieces > count + 1 };
}

test('an endless text of one program neither delays nor enters the next copy', async () => {
  const owner = await startOwner(Buffer.from('endless '), Number.POSITIVE_INFINITY);
  await until(() => owner.pieces() > 3, 'some pieces');
  const told = once(desktop, 'clipboard');
  await copy('clipboard', LONG);
  const [{ content }] = (await told) as [ClipboardChange];
  assert.equal(textOf(content) === LONG, true);
  await owner.x.close();
});
