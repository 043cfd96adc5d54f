import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachDesktop } from '../../src/desktop/x11/x11-desktop.ts';
import { startForeignXServer } from '../support/foreign-x-server.ts';
import { bareDesktop, log, x } from './support.ts';

/** A few: the current mode, three used before it, and the one that Xvfb has of its own. */
const MOST_MODES = 5;

interface ListedMode {
  readonly name: string;
  readonly rateHz: string;
  readonly isCurrent: boolean;
}

/** The modes that xrandr lists. */
async function modesOf(env: NodeJS.ProcessEnv): Promise<ListedMode[]> {
  const lines = (await x(env, 'xrandr')).split('\n');
  return lines.flatMap((line) => {
    const [, name, rateHz, mark] = /^ {3}(\S+) +([\d.]+)(\*?)/.exec(line) ?? [];
    return name && rateHz ? [{ name, rateHz, isCurrent: mark === '*' }] : [];
  });
}

test('after 150 resizes our own display has a few modes, all with 60 Hz except that of Xvfb', async () => {
  const { desktop, env } = await bareDesktop();
  try {
    assert.deepEqual(
      (await modesOf(env)).filter(({ isCurrent }) => isCurrent),
      [{ name: '640x480', rateHz: '60.00', isCurrent: true }],
    );
    for (let i = 0; i < 150; i++) {
      const size = { width: 700 + i, height: 500 + (i % 7) };
      assert.deepEqual(await desktop.resize(size), size);
    }
    const modes = await modesOf(env);
    assert.ok(modes.length <= MOST_MODES, `${modes.length} modes`);
    assert.deepEqual(
      modes.filter(({ rateHz }) => rateHz !== '60.00').map(({ name }) => name),
      ['1600x1200'],
    );
    assert.deepEqual(
      modes.filter(({ isCurrent }) => isCurrent).map(({ name }) => name),
      ['849x502'],
    );
  } finally {
    await desktop.close();
  }
});

test('our own display has 60 Hz at its largest size too', async () => {
  const { desktop, env } = await bareDesktop({ width: 1600, height: 1200 });
  try {
    await desktop.resize({ width: 800, height: 600 });
    assert.deepEqual(await desktop.resize({ width: 9999, height: 9999 }), { width: 1600, height: 1200 });
    const current = (await modesOf(env)).filter(({ isCurrent }) => isCurrent);
    assert.deepEqual(
      current.map(({ rateHz }) => rateHz),
      ['60.00'],
    );
  } finally {
    await desktop.close();
  }
});

test('an attached display keeps its own modes, and has none of ours when we leave', async () => {
  const { display, end } = await startForeignXServer({ width: 800, height: 600 });
  const env = { ...process.env, DISPLAY: display };
  try {
    await x(
      env,
      'xrandr',
      '--newmode',
      'theirs',
      '20',
      '500',
      '510',
      '520',
      '530',
      '400',
      '410',
      '420',
      '430',
    );
    await x(env, 'xrandr', '--addmode', 'screen', 'theirs');
    const before = await modesOf(env);
    const desktop = await attachDesktop({ display, maxSize: { width: 800, height: 600 }, log });
    for (let i = 0; i < 20; i++) {
      const size = { width: 300 + i, height: 300 };
      assert.deepEqual(await desktop.resize(size), size);
    }
    assert.deepEqual(await desktop.resize({ width: 500, height: 400 }), { width: 500, height: 400 });
    let modes = await modesOf(env);
    assert.equal(
      modes.find(({ isCurrent }) => isCurrent)?.name,
      'theirs',
      'a mode of its own that fits is used',
    );
    assert.deepEqual(await desktop.resize({ width: 1, height: 1 }), { width: 64, height: 64 });
    modes = await modesOf(env);
    assert.ok(modes.length <= before.length + MOST_MODES, `${modes.length} modes`);
    await desktop.close();
    assert.deepEqual(await modesOf(env), before);
  } finally {
    await end();
  }
});
