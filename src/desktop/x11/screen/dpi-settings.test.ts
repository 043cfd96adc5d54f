import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourcesWithDpi, scaledDpi, xsettingsOf } from './dpi-settings.ts';

test('Xft.dpi replaces an earlier one, and all other X resources stay', () => {
  assert.equal(resourcesWithDpi('', 96), 'Xft.dpi:\t96\n');
  assert.equal(
    resourcesWithDpi('XTerm*faceSize:\t12\nXft.dpi:\t96\nXft.dpix:\t1', 144),
    'XTerm*faceSize:\t12\nXft.dpix:\t1\nXft.dpi:\t144\n',
  );
});

test('the scale of a viewer multiplies the dots per inch, from 50 to 400 per cent', () => {
  assert.deepEqual(
    [100, 200, 150, 1, 100_000].map((percent) => scaledDpi(96, percent)),
    [96, 192, 144, 48, 384],
  );
});

/** Reads a property as toolkits do. */
function settingsIn(property: Buffer): Record<string, number> {
  const settings: Record<string, number> = {};
  let at = 12;
  for (let left = property.readUInt32LE(8); left > 0; left--) {
    const length = property.readUInt16LE(at + 2);
    const end = at + 4 + Math.ceil(length / 4) * 4;
    settings[property.toString('latin1', at + 4, at + 4 + length)] = property.readInt32LE(end + 4);
    at = end + 8;
  }
  assert.equal(at, property.length);
  return settings;
}

test('GTK is told a whole number as its scale, and the remainder as dots per inch', () => {
  assert.deepEqual(settingsIn(xsettingsOf(96, 1)), {
    'Gdk/UnscaledDPI': 96 * 1024,
    'Gdk/WindowScalingFactor': 1,
    'Gtk/CursorThemeSize': 24,
    'Xft/DPI': 96 * 1024,
  });
  assert.deepEqual(settingsIn(xsettingsOf(240, 7)), {
    'Gdk/UnscaledDPI': 120 * 1024,
    'Gdk/WindowScalingFactor': 2,
    'Gtk/CursorThemeSize': 48,
    'Xft/DPI': 240 * 1024,
  });
  assert.equal(xsettingsOf(96, 7).readUInt32LE(4), 7);
});
