import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import type { ClipboardChange } from '../../desktop/desktop.ts';
import { type ClipboardContent, textContent, textOf } from '../../protocol/clipboard-content.ts';
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
  const setClipboard = (content: ClipboardContent): Promise<void> => {
    set.push(textOf(content));
    return set.length === 1 ? first.promise : Promise.resolve();
  };
  return { desktop: { setClipboard }, set, first };
}

suite('the clipboard of the desktop', () => {
  test('the clipboard is set to the first and to the newest of a thousand texts', async () => {
    const { desktop, set, first } = slowDesktop();
    const clipboard = new DesktopClipboard(desktop, createCountingLog().log);
    for (let i = 0; i < 1000; i++) clipboard.set(textContent(`text ${i}`), VIEWER);
    first.resolve();
    await nextTurn();
    assert.deepEqual(set, ['text 0', 'text 999']);
  });

  test('a caller of the API is answered when its text or a newer one is set, and told why it could not be', async () => {
    const { desktop, set, first } = slowDesktop();
    const clipboard = new DesktopClipboard(desktop, createCountingLog().log);
    const [one, two] = [clipboard.put(textContent('one')), clipboard.put(textContent('two'))];
    clipboard.set(textContent('three'), VIEWER);
    await two;
    assert.deepEqual(set, ['one'], 'the text of a viewer has taken the place of the second one');
    first.resolve();
    await one;
    await nextTurn();
    assert.deepEqual(set, ['one', 'three']);
    const failing = { setClipboard: () => Promise.reject(new Error('no clipboard')) };
    const broken = new DesktopClipboard(failing, createCountingLog().log);
    await assert.rejects(broken.put(textContent('lost')), /no clipboard/);
    assert.equal(
      broken.pasteable(() => true),
      undefined,
    );
  });

  test('what can be pasted is what was copied last, or marked if that counts, or set by a viewer', async () => {
    const { desktop, first } = slowDesktop();
    first.resolve();
    const clipboard = new DesktopClipboard(desktop, createCountingLog().log);
    const pasteable = (how: readonly ClipboardChange['how'][]): string | undefined => {
      const held = clipboard.pasteable((kind) => how.includes(kind));
      return held && textOf(held.content);
    };
    const change = (text: string, how: ClipboardChange['how']): void => {
      clipboard.changed({ content: textContent(text), tooLarge: [], how });
    };
    assert.equal(pasteable(['copied']), undefined);
    clipboard.set(textContent('of a viewer'), VIEWER);
    assert.equal(pasteable(['copied']), 'of a viewer');
    change('marked', 'marked only');
    assert.equal(pasteable(['copied']), 'of a viewer');
    assert.equal(pasteable(['copied', 'marked only']), 'marked');
    change('copied', 'copied');
    assert.equal(pasteable(['copied', 'marked only']), 'copied');
    await clipboard.clear();
    assert.equal(pasteable(['copied', 'marked only']), undefined);
  });

  test('the clipboard is not set to a text that waited when it was cleared', async () => {
    const { desktop, set, first } = slowDesktop();
    const clipboard = new DesktopClipboard(desktop, createCountingLog().log);
    clipboard.set(textContent('one'), VIEWER);
    clipboard.set(textContent('two'), VIEWER);
    await clipboard.clear();
    first.resolve();
    await nextTurn();
    assert.deepEqual(set, ['one', undefined]);
  });

  test('the clipboard is not set to a text that waited when its viewer lost the right to write', async () => {
    const { desktop, set, first } = slowDesktop();
    const clipboard = new DesktopClipboard(desktop, createCountingLog().log);
    const other = {};
    clipboard.set(textContent('one'), VIEWER);
    clipboard.set(textContent('two'), VIEWER);
    clipboard.revoke(other);
    clipboard.revoke(VIEWER);
    first.resolve();
    await nextTurn();
    assert.deepEqual(set, ['one']);
    clipboard.set(textContent('three'), other);
    assert.deepEqual(set, ['one', 'three']);
  });

  test('a clipboard that cannot be set is logged once, until it can be set again', async () => {
    let isBroken = true;
    const desktop = { setClipboard: () => (isBroken ? Promise.reject(new Error('no')) : Promise.resolve()) };
    const { log, warnings } = createCountingLog();
    const clipboard = new DesktopClipboard(desktop, log);
    for (isBroken of [true, true, true, false, true, true]) {
      clipboard.set(textContent('text'), VIEWER);
      await nextTurn();
      await nextTurn();
      clipboard.lost();
    }
    assert.equal(warnings(), 2);
  });

  test('the clipboard is set again after a text for which the desktop never answers', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const set: (string | undefined)[] = [];
    const desktop = {
      setClipboard: (content: ClipboardContent) => {
        set.push(textOf(content));
        return set.length === 1 ? new Promise<void>(() => undefined) : Promise.resolve();
      },
    };
    const clipboard = new DesktopClipboard(desktop, createCountingLog().log);
    clipboard.set(textContent('one'), VIEWER);
    clipboard.set(textContent('two'), VIEWER);
    await nextTurn();
    assert.deepEqual(set, ['one']);
    t.mock.timers.tick(10_000);
    await nextTurn();
    assert.deepEqual(set, ['one', 'two']);
  });

  const copied = (text: string, how: ClipboardChange['how'] = 'copied'): ClipboardChange => ({
    ...{ content: textContent(text), tooLarge: [], how },
  });

  /** A desktop that sets its clipboard at once, and a clock that the test sets. */
  function quickDesktop() {
    const set: (string | undefined)[] = [];
    const clock = { nowMs: 0 };
    const desktop = {
      setClipboard: async (content: ClipboardContent) => {
        set.push(textOf(content));
      },
    };
    const clipboard = new DesktopClipboard(desktop, createCountingLog().log, () => clock.nowMs);
    return { clipboard, set, clock };
  }

  test('an echo takes no ownership: the same text that a program copied, or that was set before, is not set', async () => {
    const { clipboard, set } = quickDesktop();
    clipboard.changed(copied('from a program'));
    clipboard.set(textContent('from a program'), VIEWER);
    await nextTurn();
    assert.deepEqual(set, []);
    for (let i = 0; i < 3; i++) {
      clipboard.set(textContent('from a viewer'), VIEWER);
      await nextTurn();
    }
    assert.deepEqual(set, ['from a viewer']);
  });

  test('the same text is set again when the program that had it is gone, and after the clipboard was cleared', async () => {
    const { clipboard, set } = quickDesktop();
    clipboard.changed(copied('text'));
    clipboard.lost();
    clipboard.set(textContent('text'), VIEWER);
    await nextTurn();
    await clipboard.clear();
    clipboard.set(textContent('text'), VIEWER);
    await nextTurn();
    assert.deepEqual(set, ['text', undefined, 'text']);
  });

  test('viewers are not told of a clipboard manager that takes a text over, but of a user who copies it later', async () => {
    const { clipboard, clock } = quickDesktop();
    clipboard.set(textContent('pasted'), VIEWER);
    await nextTurn();
    clock.nowMs = 500;
    assert.equal(clipboard.changed(copied('pasted')), false);
    clock.nowMs = 60_000;
    assert.equal(clipboard.changed(copied('pasted')), true);
    clipboard.lost();
    clock.nowMs = 120_000;
    assert.equal(clipboard.changed(copied('pasted')), false, 'the manager restores it');
    assert.equal(clipboard.changed(copied('other')), true);
  });

  test('later viewers are told what was copied and what was marked, until a viewer or a call replaces it', async () => {
    const { clipboard } = quickDesktop();
    const known = () => clipboard.changes.map(({ content, how }) => [textOf(content), how]);
    clipboard.changed(copied('one'));
    clipboard.changed(copied('mark', 'marked only'));
    clipboard.changed(copied('two'));
    assert.deepEqual(known(), [
      ['two', 'copied'],
      ['mark', 'marked only'],
    ]);
    clipboard.set(textContent('mine'), VIEWER);
    await nextTurn();
    assert.deepEqual(known(), []);
    clipboard.changed(copied('three'));
    await clipboard.clear();
    assert.deepEqual(known(), []);
  });
});
