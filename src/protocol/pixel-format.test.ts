import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BGR233, RGB565 } from '../../test/support/pixel-formats.ts';
import {
  checkPixelFormat,
  createPixelConverter,
  createTpixelConverter,
  type PixelFormat,
  parsePixelFormat,
  SERVER_PIXEL_FORMAT,
  samePixelFormat,
  tpixelSize,
  writePixelFormat,
} from './pixel-format.ts';

function convert(format: PixelFormat, bgrx: number[]): number[] {
  const out = new Uint8Array((bgrx.length / 4) * (format.bitsPerPixel / 8));
  createPixelConverter(format)(Uint8Array.from(bgrx), out);
  return [...out];
}

test('PIXEL_FORMAT is laid out as in RFC 6143 section 7.4', () => {
  const bytes = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];
  assert.deepEqual([...writePixelFormat(SERVER_PIXEL_FORMAT)], bytes);
  assert.deepEqual(parsePixelFormat(Uint8Array.from(bytes)), SERVER_PIXEL_FORMAT);
});

test('conversion to the server’s format copies the framebuffer unchanged', () => {
  assert.deepEqual(convert(SERVER_PIXEL_FORMAT, [1, 2, 3, 4, 5, 6, 7, 8]), [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('pixels are converted to 32 bits with other shifts and big endian', () => {
  const rgbx = { ...SERVER_PIXEL_FORMAT, redShift: 0, greenShift: 8, blueShift: 16 };
  assert.deepEqual(convert(rgbx, [1, 2, 3, 0]), [3, 2, 1, 0]);
  assert.deepEqual(convert({ ...SERVER_PIXEL_FORMAT, bigEndian: true }, [1, 2, 3, 0]), [0, 3, 2, 1]);
  const high = { ...SERVER_PIXEL_FORMAT, redShift: 24, greenShift: 16, blueShift: 8 };
  assert.deepEqual(convert(high, [1, 2, 0xff, 0]), [0, 1, 2, 0xff]);
});

test('pixels are converted to 16 bits of both byte orders', () => {
  // Red 255, green 128, blue 0 is 31 << 11 | 32 << 5 = 0xfc00.
  assert.deepEqual(convert(RGB565, [0, 128, 255, 0]), [0x00, 0xfc]);
  assert.deepEqual(convert({ ...RGB565, bigEndian: true }, [0, 128, 255, 0]), [0xfc, 0x00]);
});

test('converted pixels may begin at an odd address', () => {
  const out = new Uint8Array(5);
  createPixelConverter(RGB565)(Uint8Array.of(0, 128, 255, 0, 0, 0, 255, 0), out.subarray(1));
  assert.deepEqual([...out], [0, 0x00, 0xfc, 0x00, 0xf8]);
});

test('pixels are converted to 8 bits', () => {
  assert.deepEqual(convert(BGR233, [255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0]), [0xc0, 0x38, 0x07]);
});

test('a converted colour is off by at most half a step', () => {
  fc.assert(
    fc.property(fc.nat(255), fc.nat(255), fc.nat(255), (b, g, r) => {
      const [low = 0, high = 0] = convert(RGB565, [b, g, r, 77]);
      const value = low | (high << 8);
      assert.ok(Math.abs(((value >> 11) * 255) / 31 - r) <= 255 / 62 + 1e-9);
      assert.ok(Math.abs((((value >> 5) & 63) * 255) / 63 - g) <= 255 / 126 + 1e-9);
      assert.ok(Math.abs(((value & 31) * 255) / 31 - b) <= 255 / 62 + 1e-9);
    }),
  );
});

test('TPIXELs are red, green, blue at depth 24, and whole pixels otherwise', () => {
  const out = new Uint8Array(6);
  createTpixelConverter(SERVER_PIXEL_FORMAT)(Uint8Array.of(1, 2, 3, 9, 4, 5, 6, 9), out);
  assert.deepEqual([...out], [3, 2, 1, 6, 5, 4]);
  const rgbx = { ...SERVER_PIXEL_FORMAT, redShift: 0, blueShift: 16, bigEndian: true };
  createTpixelConverter(rgbx)(Uint8Array.of(1, 2, 3, 9), out);
  assert.deepEqual([...out.subarray(0, 3)], [3, 2, 1]);
  assert.equal(tpixelSize(SERVER_PIXEL_FORMAT), 3);
  assert.equal(tpixelSize({ ...SERVER_PIXEL_FORMAT, depth: 32 }), 4);
  assert.equal(tpixelSize(RGB565), 2);
  assert.equal(tpixelSize(BGR233), 1);
});

test('a colour map and impossible pixel formats are refused', () => {
  const refused = (format: Partial<PixelFormat>, code: string): void => {
    assert.throws(() => createPixelConverter({ ...SERVER_PIXEL_FORMAT, ...format }), { code });
  };
  refused({ trueColour: false, bitsPerPixel: 8 }, 'RFB_COLOUR_MAP');
  refused({ bitsPerPixel: 24 }, 'RFB_BAD_PIXEL_FORMAT');
  refused({ bitsPerPixel: 0 }, 'RFB_BAD_PIXEL_FORMAT');
  refused({ redMax: 0 }, 'RFB_BAD_PIXEL_FORMAT');
  refused({ redShift: 25 }, 'RFB_BAD_PIXEL_FORMAT');
  refused({ bitsPerPixel: 16 }, 'RFB_BAD_PIXEL_FORMAT');
  refused({ blueShift: 255 }, 'RFB_BAD_PIXEL_FORMAT');
});

test('the refusal of a colour map says what was asked for and what is expected', () => {
  const message =
    /colour map are not supported\. Asked for: 8 bits .*Expected: 8, 16 or 32 bits of true colour/;
  assert.throws(() => checkPixelFormat({ ...SERVER_PIXEL_FORMAT, trueColour: false, bitsPerPixel: 8 }), {
    message,
  });
});

test('two pixel formats are the same if they give the same bytes', () => {
  assert.ok(samePixelFormat(SERVER_PIXEL_FORMAT, { ...SERVER_PIXEL_FORMAT }));
  assert.ok(!samePixelFormat(SERVER_PIXEL_FORMAT, { ...SERVER_PIXEL_FORMAT, bigEndian: true }));
  assert.ok(!samePixelFormat(SERVER_PIXEL_FORMAT, { ...SERVER_PIXEL_FORMAT, depth: 32 }));
  assert.ok(samePixelFormat(BGR233, { ...BGR233, bigEndian: true }));
  assert.ok(!samePixelFormat(RGB565, BGR233));
});
