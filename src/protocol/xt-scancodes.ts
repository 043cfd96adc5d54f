/**
 * Linux evdev codes of the XT set 1 scancodes that are not the same number. Keys below 0x54 are the same. An
 * extended key (prefix 0xe0) is 0x80 | code here, as in QEMU's extended key event. The values are those of
 * linux/input-event-codes.h and of the keycode database that QEMU and viewers share.
 */
const EVDEV_FROM_XT: Readonly<Record<number, number>> = {
  84: 99, // PrintScreen as SysRq
  85: 186, // F16
  86: 86, // IntlBackslash
  87: 87, // F11
  88: 88, // F12
  89: 117, // NumpadEqual
  90: 190, // F20
  93: 183, // F13
  94: 184, // F14
  95: 185, // F15
  100: 134, // Open
  101: 135, // Paste
  109: 193, // F23
  111: 194, // F24
  112: 93, // KanaMode
  113: 123, // Lang2 (Hanja)
  114: 122, // Lang1 (Hangul)
  115: 89, // IntlRo
  116: 191, // F21
  118: 85, // Lang5 (Zenkaku/Hankaku)
  119: 91, // Hiragana
  120: 90, // Katakana
  121: 92, // Convert
  123: 94, // NonConvert
  125: 124, // IntlYen
  126: 121, // NumpadComma
  // Extended keys: 0xe0 before the low seven bits.
  131: 187, // F17
  132: 189, // F19
  133: 129, // Again
  134: 130, // Props
  135: 131, // Undo
  144: 165, // MediaTrackPrevious
  153: 163, // MediaTrackNext
  156: 96, // NumpadEnter
  157: 97, // ControlRight
  160: 113, // AudioVolumeMute
  161: 140, // LaunchApp2 (calculator)
  162: 164, // MediaPlayPause
  164: 166, // MediaStop
  165: 205, // Suspend
  174: 114, // AudioVolumeDown
  176: 115, // AudioVolumeUp
  178: 172, // BrowserHome
  181: 98, // NumpadDivide
  183: 99, // PrintScreen
  184: 100, // AltRight
  188: 137, // Cut
  193: 136, // Find
  197: 69, // NumLock, as Windows tells it
  198: 119, // Pause
  199: 102, // Home
  200: 103, // ArrowUp
  201: 104, // PageUp
  203: 105, // ArrowLeft
  205: 106, // ArrowRight
  207: 107, // End
  208: 108, // ArrowDown
  209: 109, // PageDown
  210: 110, // Insert
  211: 111, // Delete
  219: 125, // MetaLeft
  220: 126, // MetaRight
  221: 127, // ContextMenu
  222: 116, // Power
  223: 142, // Sleep
  227: 143, // WakeUp
  229: 217, // BrowserSearch
  230: 156, // BrowserFavorites
  231: 173, // BrowserRefresh
  232: 128, // BrowserStop
  233: 159, // BrowserForward
  234: 158, // BrowserBack
  235: 157, // LaunchApp1 (computer)
  236: 155, // LaunchMail
  237: 226, // MediaSelect
  245: 138, // Help
  246: 179, // NumpadParenLeft
  247: 188, // F18
  248: 133, // Copy
  249: 192, // F22
  251: 180, // NumpadParenRight
  253: 162, // Eject
};

/** The last scancode of the original 83 keys, which have the same numbers in evdev. */
const LAST_SAME = 0x53;

/**
 * Returns the evdev code of an XT scancode from a QEMU extended key event. An extended key is 0x80 | code, or has
 * its 0xe0 in the higher byte. Returns 0 for an unknown key.
 */
export function evdevFromXt(xt: number): number {
  const code = (xt & 0xff00) === 0xe000 ? 0x80 | (xt & 0x7f) : xt;
  if (code > 0 && code <= LAST_SAME) return code;
  return EVDEV_FROM_XT[code] ?? 0;
}
