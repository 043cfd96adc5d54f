import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { DesktopClipboard } from './desktop-clipboard.ts';

/** A log that counts its warnings. */
function createCountingLog() {
  let warnings = 0;
  const write = (): void => void warnings++;
  return { log: pino({ level: 'warn' }, { write }), warnings: () => warnings };
}

const VIEWER = {};

/** A desktop that sets its first text when `first` is resolved, and what it was told to set. */
function slowDesktop() {
  const first = Promise.withResolvers<void>();
  const set: (string | undefined)[] = [];
  const setClipboard = (text: string | undefined): Promise<void> => {
    set.push(text);
    return set.length === 1 ? first.promise : Promise.resolve();
  };
  return { desktop: { setClipboard }, set, first };
}

suite('the clipboard of the desktop', () => {
  test('the clipboard is set to the first and to the newest of a thousand texts', async () => {
    const { desktop, set, first } = slowDesktop();
    const clipboard = new DesktopClipboard(desktop, createCountingLog().log);
    for (let i = 0; i < 1000; i++) clipboard.set(`text ${i}`, VIEWER);
    first.resolve();
    await nextTurn();
    assert.deepEqual(set, ['text 0', 'text 999']);
  });

  test('the clipboard is not set to a text that waited when it was cleared', async () => {
    const { desktop, set, first } = slowDesktop();
    const clipboard = new DesktopClipboard(desktop, createCountingLog().log);
    clipboard.set('one', VIEWER);
    clipboard.set('two', VIEWER);
    await clipboard.clear();
    first.resolve();
    await nextTurn();
    assert.deepEqual(set, ['one', undefined]);
  });

  test('the clipboard is not set to a text that waited when its viewer lost the right to write', async () => {
    const { desktop, set, first } = slowDesktop();
    const clipboard = new DesktopClipboard(desktop, createCountingLog().log);
    const other = {};
    clipboard.set('one', VIEWER);
    clipboard.set('two', VIEWER);
    clipboard.revoke(other);
    clipboard.revoke(VIEWER);
    first.resolve();
    await nextTurn();
    assert.deepEqual(set, ['one']);
    clipboard.set('three', other);
    assert.deepEqual(set, ['one', 'three']);
  });

  test('a clipboard that cannot be set is logged once, until it can be set again', async () => {
    let isBroken = true;
    const desktop = { setClipboard: () => (isBroken ? Promise.reject(new Error('no')) : Promise.resolve()) };
    const { log, warnings } = createCountingLog();
    const clipboard = new DesktopClipboard(desktop, log);
    for (isBroken of [true, true, true, false, true, true]) {
      clipboard.set('text', VIEWER);
      await nextTurn();
    }
    assert.equal(warnings(), 2);
  });

  test('the clipboard is set again after a text for which the desktop never answers', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const set: (string | undefined)[] = [];
    const desktop = {
      setClipboard: (text: string | undefined) => {
        set.push(text);
        return set.length === 1 ? new Promise<void>(() => undefined) : Promise.resolve();
      },
    };
    const clipboard = new DesktopClipboard(desktop, createCountingLog().log);
    clipboard.set('one', VIEWER);
    clipboard.set('two', VIEWER);
    await nextTurn();
    assert.deepEqual(set, ['one']);
    t.mock.timers.tick(10_000);
    await nextTurn();
    assert.deepEqual(set, ['one', 'two']);
  });
});
