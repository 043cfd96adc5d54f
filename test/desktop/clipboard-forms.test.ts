import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClipboardChange, Desktop } from '../../src/desktop/desktop.ts';
import {
  type ClipboardContent,
  NO_CONTENT,
  textContent,
  textOf,
} from '../../src/protocol/clipboard-content.ts';
import { ClipboardProgram } from './clipboard-program.ts';
import { bareDesktop, until, x } from './support.ts';

let desktop: Desktop;
let env: NodeJS.ProcessEnv;
let dir: string;

before(async () => {
  ({ desktop, env, dir } = await bareDesktop());
});
after(() => desktop.close());

/** Milliseconds between two attempts to mark text. xterm takes clicks within 250 ms for one multiple click. */
const MARKED_FOR_MS = 500;

const pngOf = (bytes: number): Buffer =>
  Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(bytes, 'pixels and more of them')]);
const SMALL_PNG = pngOf(100);
const LARGE_PNG = pngOf(1_000_000);
const HTML = Buffer.from('<b>größer</b>');

const content = (png: Buffer): ClipboardContent =>
  new Map([
    ['text', Buffer.from('größer')],
    ['html', HTML],
    ['png', png],
  ]);

/** Reads a form of the clipboard as a program does. */
const paste = (target: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const args = ['-selection', 'clipboard', '-o', '-target', target];
    execFile('xclip', args, { env, encoding: 'buffer', maxBuffer: 64 << 20 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });

const targets = async (): Promise<string[]> => (await paste('TARGETS')).toString().trim().split('\n');

/** Has a program copy data of one type, or mark it. Resolves with the program, which stays until it is ended. */
async function copy(type: string, data: Buffer, selection = 'clipboard') {
  const file = join(dir, 'copied');
  writeFileSync(file, data);
  const told = once(desktop, 'clipboard');
  const args = ['-quiet', '-selection', selection, '-in', '-target', type, file];
  const child = spawn('xclip', args, { env, stdio: 'ignore' });
  const [change] = (await told) as [ClipboardChange];
  return { child, change };
}

test('programs are offered the forms that a viewer sent, and no others', async () => {
  await desktop.setClipboard(content(SMALL_PNG));
  assert.equal((await paste('UTF8_STRING')).toString(), 'größer');
  assert.deepEqual(await paste('text/html'), HTML);
  assert.deepEqual(await paste('image/png'), SMALL_PNG);
  assert.ok((await targets()).includes('MULTIPLE'));
  await desktop.setClipboard(new Map([['png', SMALL_PNG]]));
  const offered = await targets();
  assert.ok(offered.includes('image/png') && !offered.includes('UTF8_STRING'), String(offered));
  await assert.rejects(paste('UTF8_STRING'));
  await desktop.setClipboard(textContent('text'));
  assert.ok(!(await targets()).includes('text/html'));
});

test('a picture of a megabyte reaches programs in pieces, and comes from them', async () => {
  await desktop.setClipboard(content(LARGE_PNG));
  assert.ok((await paste('image/png')).equals(LARGE_PNG));
  const { child, change } = await copy('image/png', LARGE_PNG);
  assert.deepEqual([...change.content.keys()], ['png']);
  assert.ok(LARGE_PNG.equals(change.content.get('png')!));
  child.kill();
});

test('HTML that a program copies is reported', async () => {
  const { child, change } = await copy('text/html', HTML);
  assert.deepEqual([...change.content], [['html', HTML]]);
  child.kill();
});

test('a program gets several forms by one request, small ones at once and large ones in pieces', async () => {
  const program = await ClipboardProgram.open(env);
  await desktop.setClipboard(content(LARGE_PNG));
  const [text, nothing, png, nested, again] = await program.askMultiple('CLIPBOARD', [
    ...['UTF8_STRING', 'image/gif', 'image/png', 'MULTIPLE', 'UTF8_STRING'],
  ]);
  assert.equal(text?.toString(), 'größer');
  assert.equal(nothing, undefined);
  assert.ok(png?.equals(LARGE_PNG));
  assert.deepEqual([nested, again], [undefined, undefined]);
  await program.close();
});

test('when the program that copied ends, its clipboard is reported as lost, and so when another one copies files', async () => {
  const { child } = await copy('UTF8_STRING', Buffer.from('mortal'));
  const lost = once(desktop, 'clipboardLost');
  child.kill();
  await lost;
  const program = await ClipboardProgram.open(env);
  const again = once(desktop, 'clipboardLost');
  await program.own('CLIPBOARD', { 'x-special/gnome-copied-files': Buffer.from('copy\nfile:///etc') });
  await again;
  await program.close();
});

test('text marked in a program that can copy is told from text marked in one that cannot', async () => {
  const program = await ClipboardProgram.open(env);
  for (const [target, how] of [
    ['text/plain', 'marked'],
    ['STRING', 'marked only'],
  ] as const) {
    const told = once(desktop, 'clipboard');
    await program.own('PRIMARY', { UTF8_STRING: Buffer.from(how), [target]: Buffer.from(how) });
    const [change] = (await told) as [ClipboardChange];
    assert.deepEqual([textOf(change.content), change.how], [how, how]);
  }
  await program.close();
});

test('a viewer’s text leaves marked text alone in the program that has the keyboard, and is PRIMARY otherwise', async () => {
  const [program, other] = [await ClipboardProgram.open(env), await ClipboardProgram.open(env)];
  const primary = (): Promise<string> =>
    x(env, 'xclip', '-selection', 'primary', '-o', '-target', 'UTF8_STRING');
  const mark = async (forms: Record<string, Buffer>): Promise<void> => {
    const told = once(desktop, 'clipboard');
    await program.own('PRIMARY', forms);
    await told;
  };
  const forms = { UTF8_STRING: Buffer.from('marked'), 'text/plain': Buffer.from('marked') };
  await mark(forms);
  await program.focus();
  await desktop.setClipboard(textContent('to replace it'));
  assert.equal(await primary(), 'marked');
  assert.deepEqual(program.lost, []);
  assert.equal((await paste('UTF8_STRING')).toString(), 'to replace it');
  await other.focus();
  await desktop.setClipboard(textContent('for the middle button'));
  assert.equal(await primary(), 'for the middle button');
  await mark({ UTF8_STRING: Buffer.from('in a terminal') });
  await program.focus();
  await desktop.setClipboard(textContent('for the terminal'));
  assert.equal(await primary(), 'for the terminal');
  await mark(forms);
  await desktop.setClipboard(NO_CONTENT);
  await assert.rejects(primary(), 'clearing empties PRIMARY, whoever has it');
  await Promise.all([program.close(), other.close()]);
});

test('text marked in xterm is what its users copy', async () => {
  const told: ClipboardChange[] = [];
  const note = (change: ClipboardChange): void => void told.push(change);
  desktop.on('clipboard', note);
  const args = ['-geometry', '40x5+0+0', '-e', 'sh', '-c', 'printf markedInXterm; exec sleep 1000'];
  const child = spawn('xterm', args, { env, stdio: 'ignore' });
  try {
    await until(async () => {
      const move = ['mousemove', '30', '8', 'click', '--repeat', '2', '--delay', '50', '1'];
      await x(env, 'xdotool', ...move);
      // Further clicks at once would mark something else before anybody has read this.
      await sleep(MARKED_FOR_MS);
      return told.some(({ content, how }) => textOf(content) === 'markedInXterm' && how === 'marked only');
    }, 'the marked text');
  } finally {
    child.kill();
    desktop.off('clipboard', note);
  }
});
