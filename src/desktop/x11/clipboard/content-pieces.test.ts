import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentPieces, PIECE_BYTES } from './content-pieces.ts';

for (const [name, text] of [
  ['nothing', ''],
  ['a short text', 'für dich €'],
  ['ASCII of many pieces', 'x'.repeat(10 * PIECE_BYTES + 1)],
  ['characters across the ends of pieces', `a${'😀'.repeat(PIECE_BYTES)}`],
] as const) {
  test(`the pieces of a content are its bytes in order, each of a limited size: ${name}`, () => {
    const bytes = Buffer.from(text);
    const pieces = [...contentPieces(bytes, 'as it is')];
    assert.ok(Buffer.concat(pieces).equals(bytes));
    for (const piece of pieces) assert.ok(piece.length > 0 && piece.length <= PIECE_BYTES);
  });
}

test('the pieces of a text in Latin-1 have one question mark for each character that it lacks', () => {
  for (let shift = 0; shift < 4; shift++) {
    const text = `${'.'.repeat(shift)}é€😀${'ü漢'.repeat(PIECE_BYTES)}`;
    const pieces = [...contentPieces(Buffer.from(text), 'latin1')];
    assert.equal(
      Buffer.concat(pieces).toString('latin1'),
      `${'.'.repeat(shift)}é??${'ü?'.repeat(PIECE_BYTES)}`,
    );
  }
});
