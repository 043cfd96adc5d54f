import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import type { Desktop } from '../../src/desktop/desktop.ts';
import { bareDesktop, x } from './support.ts';

let desktop: Desktop;
let env: NodeJS.ProcessEnv;

before(async () => {
  ({ desktop, env } = await bareDesktop());
});
after(() => desktop.close());

const LONG = 'Grüße, мир, あ 😀 — '.repeat(25_000);

/** xclip stays behind to serve the selection; it ends with the X server. */
function copy(selection: string, text: string): void {
  const child = spawn('xclip', ['-selection', selection, '-in'], {
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end(text);
  child.unref();
}

for (const selection of ['clipboard', 'primary']) {
  test(`text offered by a viewer is in ${selection}`, async () => {
    await desktop.setClipboard('für dich €');
    assert.equal(await x(env, 'xclip', '-selection', selection, '-o'), 'für dich €');
    assert.equal(
      await x(env, 'xclip', '-selection', selection, '-o', '-target', 'UTF8_STRING'),
      'für dich €',
    );
    const targets = await x(env, 'xclip', '-selection', selection, '-o', '-target', 'TARGETS');
    assert.match(targets, /UTF8_STRING/);
  });

  test(`text copied to ${selection} reaches the viewers`, async () => {
    const told = once(desktop, 'clipboard');
    copy(selection, `kopiert nach ${selection} 😀`);
    assert.deepEqual(await told, [`kopiert nach ${selection} 😀`]);
  });
}

test('600 KB go out in pieces', async () => {
  assert.ok(Buffer.byteLength(LONG) > 600_000);
  await desktop.setClipboard(LONG);
  assert.equal(await x(env, 'xclip', '-selection', 'clipboard', '-o'), LONG);
});

test('600 KB come in', async () => {
  const told = once(desktop, 'clipboard');
  copy('clipboard', LONG);
  const [text] = await told;
  assert.equal(text === LONG, true);
});

test('clearing empties both selections', async () => {
  await desktop.setClipboard('secret');
  await desktop.setClipboard(undefined);
  for (const selection of ['clipboard', 'primary']) {
    await assert.rejects(x(env, 'xclip', '-selection', selection, '-o'));
  }
});

test('what we offer is not told back to us', async () => {
  const told: string[] = [];
  desktop.on('clipboard', (text) => told.push(text));
  await desktop.setClipboard('from a viewer');
  const next = once(desktop, 'clipboard');
  copy('clipboard', 'from a program');
  await next;
  assert.deepEqual(told, ['from a program']);
});
