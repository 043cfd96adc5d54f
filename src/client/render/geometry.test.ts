import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactRoom, placeDesktop, toDesktopPoint } from './geometry.ts';

const HD = { width: 1920, height: 1080 };
const FIT = { mode: 'fit', zoom: 1 } as const;
const ACTUAL = { mode: 'actual', zoom: 1 } as const;

test('mode fit keeps the aspect ratio and fills the tighter side', () => {
  assert.deepEqual(placeDesktop(HD, { width: 960, height: 1001 }, 1, FIT), {
    cssWidth: 960,
    cssHeight: 540,
    cssLeft: 0,
    cssTop: 230,
    scale: 0.5,
    isWhole: false,
  });
  const tall = placeDesktop(HD, { width: 5000, height: 540 }, 1, FIT);
  assert.equal(tall.cssHeight, 540);
  assert.equal(tall.cssWidth, 960);
});

test('whole scales are sharp, and almost whole scales are rounded to whole ones', () => {
  assert.equal(placeDesktop(HD, { width: 3840, height: 2160 }, 1, FIT).isWhole, true);
  assert.equal(placeDesktop(HD, { width: 3840, height: 2160 }, 2, FIT).scale, 2);
  const nearly = placeDesktop({ width: 1000, height: 600 }, { width: 1003, height: 700 }, 1, FIT);
  assert.equal(nearly.scale, 1);
  // The desktop is never larger than the window.
  assert.ok(placeDesktop({ width: 1000, height: 600 }, { width: 999, height: 700 }, 1, FIT).scale < 1);
});

test('mode actual maps one desktop pixel to one device pixel at every zoom', () => {
  const placed = placeDesktop(HD, { width: 1200, height: 900 }, 1.5, ACTUAL);
  assert.deepEqual(placed, {
    cssWidth: 1280,
    cssHeight: 720,
    cssLeft: 0,
    cssTop: 0,
    scale: 1,
    isWhole: true,
  });
});

test('a picture in the middle of a window begins at a whole device pixel', () => {
  for (const ratio of [1, 1.25, 2, 3]) {
    for (const room of [500, 501, 502, 503]) {
      const { cssLeft, cssTop } = placeDesktop(
        { width: 243, height: 121 },
        { width: room, height: room },
        ratio,
        ACTUAL,
      );
      assert.equal(cssLeft * ratio, Math.floor((room - 243) / 2));
      assert.equal(cssTop * ratio, Math.floor((room - 121) / 2));
    }
  }
});

test('what the browser tells of the room counts, unless it is of another screen', () => {
  const guess = { width: 1030, height: 2098 };
  assert.deepEqual(exactRoom(guess, { width: 1029, height: 2099 }, 1.25), { width: 1029, height: 2099 });
  assert.deepEqual(exactRoom(guess, { width: 412, height: 839 }, 2.5), guess);
  assert.deepEqual(exactRoom(guess, undefined, 2.5), guess);
});

test('an enlarged picture is larger than the window, and sharp at whole scales', () => {
  const placed = placeDesktop(HD, { width: 960, height: 540 }, 1, { ...FIT, zoom: 4 });
  const size = { cssWidth: 3840, cssHeight: 2160, cssLeft: 0, cssTop: 0 };
  assert.deepEqual(placed, { ...size, scale: 2, isWhole: true });
});

test('points on the page map onto the desktop and stay inside it', () => {
  const box = { left: 10, top: 20, width: 960, height: 540 };
  assert.deepEqual(toDesktopPoint({ clientX: 10, clientY: 20 }, box, HD), { x: 0, y: 0 });
  assert.deepEqual(toDesktopPoint({ clientX: 490, clientY: 290 }, box, HD), { x: 960, y: 540 });
  assert.deepEqual(toDesktopPoint({ clientX: -50, clientY: 9999 }, box, HD), { x: 0, y: 1079 });
  assert.deepEqual(toDesktopPoint({ clientX: 5, clientY: 5 }, { ...box, width: 0, height: 0 }, HD), {
    x: 0,
    y: 0,
  });
});
