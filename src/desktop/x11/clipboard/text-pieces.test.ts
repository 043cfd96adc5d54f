import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PIECE_UNITS, textPieces } from './text-pieces.ts';

for (const [name, text] of [
  ['no text', ''],
  ['a short text', 'für dich €'],
  ['ASCII of many pieces', 'x'.repeat(10 * PIECE_UNITS + 1)],
  ['surrogate pairs across the ends of pieces', `a${'😀'.repeat(PIECE_UNITS)}`],
  ['three bytes per character', '漢'.repeat(PIECE_UNITS)],
  ['a lone surrogate at the end of a piece', `${'a'.repeat(PIECE_UNITS - 1)}\ud83d${'b'.repeat(5)}`],
] as const) {
  test(`the pieces of a text are its bytes in order, each of a limited size: ${name}`, () => {
    const pieces = [...textPieces(text, 'utf8')];
    assert.ok(Buffer.concat(pieces).equals(Buffer.from(text)));
    for (const piece of pieces) assert.ok(piece.length <= 3 * PIECE_UNITS, `${piece.length} bytes`);
  });
}

test('the pieces of a text in Latin-1 have one question mark for each character that it lacks', () => {
  const text = `é€😀${'ü'.repeat(PIECE_UNITS)}`;
  assert.equal(
    Buffer.concat([...textPieces(text, 'latin1')]).toString('latin1'),
    `é??${'ü'.repeat(PIECE_UNITS)}`,
  );
});
