/** Dots per inch for which programs draw at their usual size. */
export const USUAL_DPI = 96;

/** Dots per inch of a desktop whose programs are told them. */
export interface DpiChoice {
  /** For viewers that enlarge nothing. */
  readonly base: number;
  /** Whether running programs are told before a viewer asks for a scale. */
  readonly isToldAtStart: boolean;
}

/** X also takes sizes in millimetres, which some programs derive the dots per inch from. */
export const toMm = (pixels: number, dpi: number): number => Math.max(1, Math.round((pixels * 25.4) / dpi));

/** Per cent by which a viewer's screen may enlarge everything. Programs told of more, or less, are hard to use. */
const LEAST_SCALE_PERCENT = 50;
const MOST_SCALE_PERCENT = 400;

/** Returns the dots per inch for viewers whose screens enlarge everything by so many per cent. */
export const scaledDpi = (dpi: number, scalePercent: number): number =>
  Math.round((dpi * Math.min(MOST_SCALE_PERCENT, Math.max(LEAST_SCALE_PERCENT, scalePercent))) / 100);

/** Returns X resources (RESOURCE_MANAGER, as `xrdb` prints it) with `Xft.dpi`, and all others as they are. */
export function resourcesWithDpi(resources: string, dpi: number): string {
  const others = resources.split('\n').filter((line) => line !== '' && !/^Xft\.dpi\s*:/.test(line));
  return [...others, `Xft.dpi:\t${dpi}`, ''].join('\n');
}

/** XSETTINGS gives dots per inch as multiples of 1/1024. */
const XSETTINGS_DPI_UNIT = 1024;

/** Pixels of a pointer at the usual size. */
const POINTER_PX = 24;

/** Type of a setting that is an integer. */
const INTEGER = 0;

/**
 * Returns the property `_XSETTINGS_SETTINGS`, in the byte order of its first byte, 0 for least significant first. GTK
 * enlarges windows by whole numbers only, and text by the remainder.
 */
export function xsettingsOf(dpi: number, serial: number): Buffer {
  const factor = Math.max(1, Math.floor(dpi / USUAL_DPI));
  const settings: readonly (readonly [string, number])[] = [
    ['Gdk/UnscaledDPI', Math.round((dpi * XSETTINGS_DPI_UNIT) / factor)],
    ['Gdk/WindowScalingFactor', factor],
    ['Gtk/CursorThemeSize', POINTER_PX * factor],
    ['Xft/DPI', dpi * XSETTINGS_DPI_UNIT],
  ];
  const header = Buffer.alloc(12);
  header.writeUInt32LE(serial, 4);
  header.writeUInt32LE(settings.length, 8);
  return Buffer.concat([header, ...settings.map(([name, value]) => integerSetting(name, value, serial))]);
}

/** Type, a byte without meaning, length and text of the name padded to 4 bytes, serial of its last change, value. */
function integerSetting(name: string, value: number, serial: number): Buffer {
  const nameBytes = Math.ceil(name.length / 4) * 4;
  const setting = Buffer.alloc(4 + nameBytes + 8);
  setting.writeUInt8(INTEGER, 0);
  setting.writeUInt16LE(name.length, 2);
  setting.write(name, 4, 'latin1');
  setting.writeUInt32LE(serial, 4 + nameBytes);
  setting.writeInt32LE(value, 8 + nameBytes);
  return setting;
}
