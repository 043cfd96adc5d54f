import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readXwdHeader } from './xwd-header.ts';

const folder = mkdtempSync(join(tmpdir(), 'deskwire-header-'));
after(() => rmSync(folder, { recursive: true }));

/** Header of 112 bytes and one colour, then 3 rows of 40 bytes. */
const PIXELS_AT = 112 + 12;
const PICTURE = { headerBytes: 112, height: 3, strideBytes: 40, colours: 1 };

function fileWith(picture: Partial<typeof PICTURE>): number {
  const { headerBytes, height, strideBytes, colours } = { ...PICTURE, ...picture };
  const bytes = Buffer.alloc(PIXELS_AT + 3 * 40);
  for (const [word, value] of [
    [0, headerBytes],
    [5, height],
    [12, strideBytes],
    [19, colours],
  ] as const)
    bytes.writeUInt32BE(value, word * 4);
  const path = join(folder, 'picture');
  writeFileSync(path, bytes);
  return openSync(path, 'r');
}

test('the header of a picture tells where its pixels are', () => {
  const fd = fileWith({});
  assert.deepEqual(readXwdHeader(fd), { pixelsAt: PIXELS_AT, strideBytes: 40, height: 3 });
  closeSync(fd);
});

for (const [field, value] of Object.entries({
  headerBytes: 113,
  height: 4,
  strideBytes: 2 ** 32 - 1,
  colours: 2,
})) {
  test(`a header whose ${field} leads behind the end of the file is refused`, () => {
    const fd = fileWith({ [field]: value });
    assert.throws(() => readXwdHeader(fd), { code: 'DESKTOP_XVFB_FAILED' });
    closeSync(fd);
  });
}
