import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fineQualityFrom, jpegQualityOf, subsamplingFrom } from './quality.ts';
import { NO_SETTINGS, parseEncodings, type ViewerSettings } from './settings-from-encodings.ts';

/** Returns the settings that `list` changes. */
function said(...list: number[]): Partial<ViewerSettings> {
  const entries = Object.entries(parseEncodings(list));
  return Object.fromEntries(
    entries.filter(([key, value]) => value !== NO_SETTINGS[key as keyof ViewerSettings]),
  );
}

test('an empty encoding list gives no settings, and Raw', () => {
  const { encoding, ...others } = NO_SETTINGS;
  assert.equal(encoding, 'raw');
  for (const [key, value] of Object.entries(others)) assert.ok(value === false || value === undefined, key);
});

test('the first of Tight, ZRLE, zlib and Hextile in the list counts, and Raw at no place in it', () => {
  for (const [list, encoding] of [
    [[0, 7, 16, 5], 'tight'],
    [[1, 16, 7], 'zrle'],
    [[0, 6, 5], 'zlib'],
    [[2, 4, 5, 0], 'hextile'],
    [[0, 1], 'raw'],
  ] as const) {
    assert.equal(parseEncodings(list).encoding, encoding);
  }
});

test('a viewer without KasmVNC’s or Deskwire’s numbers has the extended mouse buttons that it lists', () => {
  assert.equal(parseEncodings([-316]).extendedMouseButtons, true);
  assert.equal(parseEncodings([-316, -1024]).extendedMouseButtons, false);
});

test('the supported encodings of a list become settings', () => {
  assert.deepEqual(said(0, 7, 1, -224), { encoding: 'tight', copyRect: true, lastRect: true });
  assert.deepEqual(said(-223, -308, -307), {
    desktopSize: true,
    extendedDesktopSize: true,
    desktopName: true,
  });
  assert.deepEqual(said(-312, -313, -258, -261), {
    fence: true,
    continuousUpdates: true,
    qemuKey: true,
    led: true,
  });
  assert.deepEqual(said(-1063131698), { extendedClipboard: true });
  assert.deepEqual(said(0x574d5666), { cursorPosition: true });
  assert.deepEqual(said(0x44574952), { ours: true });
  assert.deepEqual(said(0x44575a53), { zstd: true });
  assert.deepEqual(said(2, 4, -260, 50, 2147483647), {});
});

test('the best supported cursor counts, at any place in the list', () => {
  assert.equal(parseEncodings([-239]).cursor, 'cursor');
  assert.equal(parseEncodings([-239, 0x574d5664]).cursor, 'vmware');
  assert.equal(parseEncodings([-239, 0x574d5664, -314]).cursor, 'alpha');
});

/** Each setting with its least and its greatest number. */
const RANGES: readonly (readonly [
  key: keyof ViewerSettings,
  first: number,
  least: number,
  last: number,
  most: number,
])[] = [
  ['qualityLevel', -32, 0, -23, 9],
  ['compressionLevel', -256, 0, -247, 9],
  ['fineQuality', -512, 1, -412, 100],
  ['jpegVideoQuality', -1023, 0, -1014, 9],
  ['webpVideoQuality', -1013, 0, -1004, 9],
  ['treatLossless', -1003, 0, -993, 10],
  ['dynamicQualityMin', -991, 0, -982, 9],
  ['dynamicQualityMax', -981, 0, -972, 9],
  ['videoArea', -971, 1, -872, 100],
  ['videoTime', -870, 0, -770, 100],
  ['videoOutTime', -1986, 1, -1887, 100],
  ['videoScaling', -1996, 0, -1987, 9],
  ['frameRate', -2057, 1, -1998, 60],
];

for (const [key, first, least, last, most] of RANGES) {
  test(`${key} ranges from ${least} to ${most}, and its first number in the list counts`, () => {
    assert.equal(parseEncodings([first])[key], least);
    assert.equal(parseEncodings([last])[key], most);
    assert.equal(parseEncodings([0, last, first])[key], most);
    assert.equal(parseEncodings([first - 1, last + 1])[key], undefined);
  });
}

test('a frame rate of KasmVNC’s page beyond 60 is no limit, and changes none of its other settings', () => {
  for (let rate = 61; rate <= 120; rate++) {
    const { frameRate, videoOutTime, videoScaling } = parseEncodings([-1984, -1994, -2048 + rate - 10]);
    assert.deepEqual(
      { frameRate, videoOutTime, videoScaling },
      { videoOutTime: 3, videoScaling: 2, frameRate: undefined },
    );
  }
});

test("KasmVNC's switches become settings", () => {
  assert.deepEqual(said(-1024, -1025), { kasm: true, webp: true, streamingJpegWebp: true });
  assert.deepEqual(said(-1885, -1884, -1886), {
    kasm: true,
    disconnectNotice: true,
    directMouse: true,
    qoi: true,
  });
  assert.deepEqual(said(-992, -1997), { kasm: true, preferBandwidth: true, maxVideoResolution: true });
});

test('quality levels have the meaning that the API documents', () => {
  assert.deepEqual(jpegQualityOf(0), { quality: 15, subsampling: '4:2:0' });
  assert.deepEqual(jpegQualityOf(3), { quality: 42, subsampling: '4:2:2' });
  assert.deepEqual(jpegQualityOf(7), { quality: 86, subsampling: '4:4:4' });
  assert.deepEqual(jpegQualityOf(9), { quality: 100, subsampling: '4:4:4' });
  assert.deepEqual(jpegQualityOf(99), jpegQualityOf(9));
  assert.deepEqual(jpegQualityOf(-1), jpegQualityOf(0));
});

test('fine quality and chroma become settings', () => {
  assert.equal(fineQualityFrom(-513), undefined);
  assert.equal(fineQualityFrom(-437), 75);
  assert.equal(fineQualityFrom(-411), undefined);
  assert.deepEqual([-769, -768, -767, -766, -765, -764].map(subsamplingFrom), [
    undefined,
    '4:4:4',
    '4:2:0',
    '4:2:2',
    '4:2:0',
    undefined,
  ]);
});
