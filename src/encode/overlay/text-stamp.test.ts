import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Stamp } from './overlay.ts';
import { MOST_STAMP_PX, MOST_STAMP_SIDE_PX } from './stamp.ts';
import { segmentsOfCharacter } from './stroke-font.ts';
import { textStamp } from './text-stamp.ts';

const STYLE = { sizePx: 40, angle: 0, alpha: 255 };
const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));

/** The rows of a stamp, with `#` for ink. */
function show({ width, height, rows, columns }: Stamp): string {
  return Array.from({ length: height }, (_, y) => {
    const row = Array<string>(width).fill('.');
    for (let at = rows[y]!; at < rows[y + 1]!; at++) row[columns[at]!] = '#';
    return row.join('');
  }).join('\n');
}

test('each printable character of ASCII looks different from all others', () => {
  assert.ok(ASCII.every((character) => segmentsOfCharacter(character)));
  const looks = ASCII.map((character) => show(textStamp(character, STYLE)));
  assert.equal(new Set(looks).size, ASCII.length);
  assert.equal(textStamp(' ', STYLE).alphas.length, 0);
});

test('texts that differ in one character look different, in every script', () => {
  const texts = ['José', 'Jose', 'Josè', '日本', '日', '本', '<65E5>x', '\n', '\u200b', '👩'];
  assert.equal(new Set(texts.map((text) => show(textStamp(text, STYLE)))).size, texts.length);
});

test('a line of text has the height of its font, and a text that is turned has the box around it', () => {
  assert.deepEqual([textStamp('abcd', STYLE).width, textStamp('abcd', STYLE).height], [96, 40]);
  const upright = textStamp('abcd', { ...STYLE, angle: 90 });
  assert.ok(Math.abs(upright.width - 40) <= 1 && Math.abs(upright.height - 96) <= 1);
  const slanted = textStamp('abcd', { ...STYLE, angle: -45 });
  assert.ok(Math.abs(slanted.width - slanted.height) <= 1);
  assert.ok(Math.abs(slanted.width - (96 + 40) / Math.SQRT2) <= 2);
});

test('a text that is turned by 90 degrees reads upwards', () => {
  const { rows, height } = textStamp('    |', { ...STYLE, angle: 90 });
  assert.equal(rows[Math.floor(height / 2)], rows[0]! + rows[height]!, 'all ink is above the middle');
});

test('the opacity of a stamp is that of its ink', () => {
  const { alphas } = textStamp('HELLO', { ...STYLE, alpha: 60 });
  assert.equal(Math.max(...alphas), 60);
  assert.ok(alphas.every((alpha) => alpha > 0));
});

test('a text that would be too large is drawn smaller, at any angle', () => {
  for (const angle of [0, 30, 90]) {
    const { width, height, alphas } = textStamp('M'.repeat(1200), { sizePx: 256, angle, alpha: 255 });
    assert.ok(width <= MOST_STAMP_SIDE_PX && height <= MOST_STAMP_SIDE_PX, `${width}x${height}`);
    assert.ok(width * height <= MOST_STAMP_PX * 1.02, `${width}x${height}`);
    assert.ok(alphas.length > 0);
  }
});

test('an empty text has a stamp without ink', () => {
  assert.equal(textStamp('', STYLE).alphas.length, 0);
});
