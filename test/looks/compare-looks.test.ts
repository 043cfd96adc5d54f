import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PNG } from 'pngjs';
import { compareLooks } from './compare-looks.ts';

const [WIDTH, HEIGHT] = [120, 80];
type Colour = readonly [number, number, number];
type Box = readonly [x: number, y: number, width: number, height: number, colour: Colour];

const GROUND: Colour = [230, 232, 236];
const INK: Colour = [29, 33, 39];

/** Draws boxes on a ground. */
function drawn(ground: Colour, ...boxes: readonly Box[]): PNG {
  const picture = new PNG({ width: WIDTH, height: HEIGHT });
  for (const [left, top, width, height, colour] of [[0, 0, WIDTH, HEIGHT, ground] as const, ...boxes]) {
    for (let y = top; y < top + height; y++) {
      for (let x = left; x < left + width; x++) picture.data.set([...colour, 255], (y * WIDTH + x) * 4);
    }
  }
  return picture;
}

const BUTTON: Box = [20, 20, 40, 16, [31, 95, 196]];
/** A letter's stem: two pixels wide. */
const STEM: Box = [80, 20, 2, 16, INK];
const LOOK = drawn(GROUND, BUTTON, STEM);

const CASES: readonly (readonly [what: string, other: PNG, isSame: boolean])[] = [
  ['the same picture', drawn(GROUND, BUTTON, STEM), true],
  ['a letter that stands a pixel aside', drawn(GROUND, BUTTON, [81, 20, 2, 16, INK]), true],
  ['a letter with a softer edge', drawn(GROUND, BUTTON, [80, 20, 2, 16, [60, 64, 70]]), true],
  ['a missing letter', drawn(GROUND, BUTTON), false],
  ['a letter more', drawn(GROUND, BUTTON, STEM, [90, 20, 2, 16, INK]), false],
  ['a button three pixels lower', drawn(GROUND, [20, 23, 40, 16, BUTTON[4]], STEM), false],
  ['a button of another colour', drawn(GROUND, [20, 20, 40, 16, [179, 54, 44]], STEM), false],
  ['a ground of another shade', drawn([224, 226, 230], BUTTON, STEM), false],
];

for (const [what, other, isSame] of CASES) {
  test(`for the comparison of pictures, ${what} is ${isSame ? 'the same' : 'a difference'}`, () => {
    const { fault } = compareLooks(other, LOOK);
    assert.equal(fault === undefined, isSame, fault);
  });
}

test('a picture of another size is a difference', () => {
  const { fault } = compareLooks(new PNG({ width: 10, height: 10 }), LOOK);
  assert.equal(fault, '10x10 pixels instead of 120x80');
});
