// Keysyms that need special treatment. Names and values are those of X.Org's keysymdef.h.

const XK_BACKSPACE = 0xff08;
const XK_NUM_LOCK = 0xff7f;
const XK_KP_MULTIPLY = 0xffaa;
const XK_KP_9 = 0xffb9;
const XK_SHIFT_L = 0xffe1;
const XK_SHIFT_R = 0xffe2;
const XK_CONTROL_L = 0xffe3;
const XK_CONTROL_R = 0xffe4;
const XK_CAPS_LOCK = 0xffe5;
const XK_SHIFT_LOCK = 0xffe6;
const XK_META_L = 0xffe7;
const XK_HYPER_R = 0xffee;
const XK_ISO_LEVEL3_SHIFT = 0xfe03;
const XK_ISO_LEVEL5_SHIFT = 0xfe11;
const XK_ISO_FIRST = 0xfe00;
const XK_ISO_LAST = 0xfeff;
const XF86_FIRST = 0x1008_0000;
const XF86_LAST = 0x1008_ffff;

/** Keysyms of Unicode characters are the code point plus this. */
const UNICODE_BASE = 0x0100_0000;
const UNICODE_LAST = UNICODE_BASE + 0x10_ffff;

export const SHIFT_L = XK_SHIFT_L;
export const NUM_LOCK = XK_NUM_LOCK;
export const ISO_LEVEL3_SHIFT = XK_ISO_LEVEL3_SHIFT;
export const ISO_LEVEL5_SHIFT = XK_ISO_LEVEL5_SHIFT;

/**
 * Keys that lock. The viewer's computer has applied its locks to the keysyms that it sends; a lock in the desktop would
 * apply them twice.
 */
export const isLock = (keysym: number): boolean =>
  keysym === XK_CAPS_LOCK || keysym === XK_SHIFT_LOCK || keysym === XK_NUM_LOCK;

export const isShift = (keysym: number): boolean => keysym === XK_SHIFT_L || keysym === XK_SHIFT_R;

export const isLevel3 = (keysym: number): boolean => keysym === XK_ISO_LEVEL3_SHIFT;

export const isLevel5 = (keysym: number): boolean => keysym === XK_ISO_LEVEL5_SHIFT;

/** Control, Meta, Alt, Super and Hyper. While one of them is down, a key is a command, not text. */
export const isCommandModifier = (keysym: number): boolean =>
  keysym === XK_CONTROL_L || keysym === XK_CONTROL_R || (keysym >= XK_META_L && keysym <= XK_HYPER_R);

/** The same modifier on the other side of the keyboard: Alt_L for Alt_R. */
export const otherSide = (modifier: number): number =>
  modifier < XK_SHIFT_L ? modifier : modifier % 2 === 1 ? modifier + 1 : modifier - 1;

/** Whether a keysym is a modifier, which programs see as a state of other keys. */
export const isModifier = (keysym: number): boolean =>
  isShift(keysym) || isLevel3(keysym) || isLevel5(keysym) || isCommandModifier(keysym);

/** Whether a keysym is a character: Latin-1 or Unicode. */
export const isCharacter = (keysym: number): boolean =>
  (keysym >= 0x20 && keysym <= 0xff) || (keysym > UNICODE_BASE && keysym <= UNICODE_LAST);

export const isAscii = (keysym: number): boolean => keysym >= 0x20 && keysym <= 0x7e;

export const isAsciiLetter = (keysym: number): boolean =>
  (keysym >= 0x41 && keysym <= 0x5a) || (keysym >= 0x61 && keysym <= 0x7a);

/** Digits and operators of the keypad, which the keymap has only under Num Lock. */
export const isKeypadText = (keysym: number): boolean => keysym >= XK_KP_MULTIPLY && keysym <= XK_KP_9;

/** Keys that stay the same key under all modifiers: F1, arrows, Return, modifiers, media keys. */
export const isFunctionKey = (keysym: number): boolean =>
  !isKeypadText(keysym) &&
  ((keysym >= XK_ISO_FIRST && keysym <= XK_ISO_LAST) ||
    (keysym >= XK_BACKSPACE && keysym <= 0xffff) ||
    (keysym >= XF86_FIRST && keysym <= XF86_LAST));

/** Gives each character one keysym: for Latin-1 that is the code point. */
export function normalizeKeysym(keysym: number): number {
  const codePoint = keysym - UNICODE_BASE;
  const isLatin1 = (codePoint >= 0x20 && codePoint <= 0x7e) || (codePoint >= 0xa0 && codePoint <= 0xff);
  return isLatin1 ? codePoint : keysym;
}

/** Whether a keymap can hold a keysym: a plain one, a Unicode character or a vendor's key. */
export const isUsable = (keysym: number): boolean =>
  Number.isInteger(keysym) &&
  ((keysym >= 0x20 && keysym < 0xffff) ||
    (keysym > UNICODE_BASE && keysym <= UNICODE_LAST) ||
    (keysym >= XF86_FIRST && keysym <= XF86_LAST));
