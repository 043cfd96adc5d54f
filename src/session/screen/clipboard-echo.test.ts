import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClipboardContent, textContent } from '../../protocol/clipboard-content.ts';
import { isEchoOfProgram, isEchoOfViewer } from './clipboard-echo.ts';

const held = (content: ClipboardContent, isOwned = true) => ({ content, atMs: 1000, isOwned });
const png = (bytes: string): ClipboardContent => new Map([['png', Buffer.from(bytes)]]);
const rich = (text: string, html: string): ClipboardContent =>
  new Map([
    ['text', Buffer.from(text)],
    ['html', Buffer.from(html)],
  ]);

test('what a viewer sends back changes nothing, whatever its line ends and encoding', () => {
  const cases: readonly (readonly [
    name: string,
    ClipboardContent,
    ClipboardContent,
    Latin1: boolean,
    boolean,
  ])[] = [
    ['the same text', textContent('a'), textContent('a'), false, true],
    ['another text', textContent('a'), textContent('b'), false, false],
    ['other line ends', textContent('a\nb'), textContent('a\r\nb'), false, true],
    ['other line ends in the desktop', textContent('a\rb'), textContent('a\nb'), false, true],
    ['a text that went out as Latin-1', textContent('5 €'), textContent('5 ?'), true, true],
    ['a question mark that was typed', textContent('5 €'), textContent('5 ?'), false, false],
    ['the text of more than that', rich('a', '<b>a</b>'), textContent('a'), false, true],
    ['more than the text', textContent('a'), rich('a', '<b>a</b>'), false, false],
    ['HTML that a browser rewrote', rich('a', '<b>a</b>'), rich('a', '<span>a</span>'), false, true],
    ['the same picture', png('1'), png('1'), false, true],
    ['another picture', png('1'), png('2'), false, false],
    ['a picture after a text', textContent('a'), png('1'), false, false],
    ['nothing', textContent('a'), new Map(), false, false],
  ];
  for (const [name, before, content, isLatin1, isEcho] of cases)
    assert.equal(isEchoOfViewer(held(before), content, isLatin1), isEcho, name);
  assert.equal(isEchoOfViewer(undefined, textContent('a'), false), false);
  assert.equal(isEchoOfViewer(held(textContent('a'), false), textContent('a'), false), false, 'no owner');
});

test('a program that copies the same is a clipboard manager if it does so at once, or after the owner has gone', () => {
  const content = textContent('a');
  assert.equal(isEchoOfProgram(held(content), content, 1500), true);
  assert.equal(isEchoOfProgram(held(content), content, 3500), false);
  assert.equal(isEchoOfProgram(held(content, false), content, 900_000), true);
  assert.equal(isEchoOfProgram(held(content), textContent('b'), 1500), false);
  assert.equal(isEchoOfProgram(undefined, content, 1500), false);
});
