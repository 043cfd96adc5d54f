/**
 * Maps DOM key names (UI Events KeyboardEvent `key` values) to X11 keysyms (keysymdef.h). Printable characters are
 * not listed: their keysym follows from their code point.
 */

interface KeyPress {
  readonly key: string;
  /** KeyboardEvent.location: 0 standard, 1 left, 2 right, 3 keypad. */
  readonly location: number;
}

const LOCATION_RIGHT = 2;
const LOCATION_KEYPAD = 3;

/** Named keys. The second number is the keysym of the right-hand key of a pair. */
const NAMED: Readonly<Record<string, readonly [number, number?]>> = {
  Backspace: [0xff08],
  Tab: [0xff09],
  Clear: [0xff0b],
  Enter: [0xff0d],
  Pause: [0xff13],
  ScrollLock: [0xff14],
  PrintScreen: [0xff61],
  Escape: [0xff1b],
  Delete: [0xffff],
  Home: [0xff50],
  ArrowLeft: [0xff51],
  ArrowUp: [0xff52],
  ArrowRight: [0xff53],
  ArrowDown: [0xff54],
  PageUp: [0xff55],
  PageDown: [0xff56],
  End: [0xff57],
  Select: [0xff60],
  Execute: [0xff62],
  Insert: [0xff63],
  Undo: [0xff65],
  Redo: [0xff66],
  ContextMenu: [0xff67],
  Find: [0xff68],
  Cancel: [0xff69],
  Help: [0xff6a],
  ModeChange: [0xff7e],
  NumLock: [0xff7f],
  Shift: [0xffe1, 0xffe2],
  Control: [0xffe3, 0xffe4],
  CapsLock: [0xffe5],
  Meta: [0xffeb, 0xffec],
  OS: [0xffeb, 0xffec],
  Super: [0xffeb, 0xffec],
  Alt: [0xffe9, 0xffea],
  Hyper: [0xffed, 0xffee],
  AltGraph: [0xfe03],
  GroupNext: [0xfe08],
  GroupPrevious: [0xfe0a],
  GroupFirst: [0xfe0c],
  GroupLast: [0xfe0e],
  // Input method keys.
  Compose: [0xff20],
  AllCandidates: [0xff3d],
  PreviousCandidate: [0xff3e],
  CodeInput: [0xff37],
  SingleCandidate: [0xff3c],
  Convert: [0xff23],
  NonConvert: [0xff22],
  KanjiMode: [0xff21],
  Romaji: [0xff24],
  Hiragana: [0xff25],
  Katakana: [0xff26],
  HiraganaKatakana: [0xff27],
  Zenkaku: [0xff28],
  Hankaku: [0xff29],
  ZenkakuHankaku: [0xff2a],
  KanaMode: [0xff2d],
  Eisu: [0xff2f],
  Alphanumeric: [0xff30],
  HangulMode: [0xff31],
  HanjaMode: [0xff34],
  JunjaMode: [0xff38],
  // XF86 keys (XF86keysym.h).
  BrightnessUp: [0x1008ff02],
  BrightnessDown: [0x1008ff03],
  Standby: [0x1008ff10],
  AudioVolumeDown: [0x1008ff11],
  AudioVolumeMute: [0x1008ff12],
  AudioVolumeUp: [0x1008ff13],
  MediaPlay: [0x1008ff14],
  MediaPlayPause: [0x1008ff14],
  MediaStop: [0x1008ff15],
  MediaTrackPrevious: [0x1008ff16],
  MediaTrackNext: [0x1008ff17],
  BrowserHome: [0x1008ff18],
  LaunchMail: [0x1008ff19],
  BrowserSearch: [0x1008ff1b],
  MediaRecord: [0x1008ff1c],
  LaunchCalculator: [0x1008ff1d],
  LaunchCalendar: [0x1008ff20],
  BrowserBack: [0x1008ff26],
  BrowserForward: [0x1008ff27],
  BrowserStop: [0x1008ff28],
  BrowserRefresh: [0x1008ff29],
  PowerOff: [0x1008ff2a],
  Power: [0x1008ff2a],
  WakeUp: [0x1008ff2b],
  Eject: [0x1008ff2c],
  LaunchScreenSaver: [0x1008ff2d],
  LaunchWebBrowser: [0x1008ff2e],
  Sleep: [0x1008ff2f],
  BrowserFavorites: [0x1008ff30],
  MediaPause: [0x1008ff31],
  LaunchMediaPlayer: [0x1008ff32],
  LaunchMyComputer: [0x1008ff33],
  Close: [0x1008ff56],
  Copy: [0x1008ff57],
  Cut: [0x1008ff58],
  LaunchSpreadsheet: [0x1008ff5c],
  LaunchContacts: [0x1008ff5d],
  New: [0x1008ff68],
  Open: [0x1008ff6b],
  Paste: [0x1008ff6d],
  LaunchPhone: [0x1008ff6e],
  MailReply: [0x1008ff72],
  Save: [0x1008ff77],
  MailSend: [0x1008ff7b],
  SpellCheck: [0x1008ff7c],
  LaunchWordProcessor: [0x1008ff89],
  ZoomIn: [0x1008ff8b],
  ZoomOut: [0x1008ff8c],
  ZoomToggle: [0x1008ff8f],
  MailForward: [0x1008ff90],
  LaunchMusicPlayer: [0x1008ff92],
  MediaRewind: [0x1008ff3e],
  MediaFastForward: [0x1008ff97],
  MicrophoneVolumeMute: [0x1008ffb2],
  Hibernate: [0x1008ffa8],
};

/** Keypad keys by DOM name, with and without NumLock. */
const KEYPAD: Readonly<Record<string, number>> = {
  ' ': 0xff80,
  Tab: 0xff89,
  Enter: 0xff8d,
  Home: 0xff95,
  ArrowLeft: 0xff96,
  ArrowUp: 0xff97,
  ArrowRight: 0xff98,
  ArrowDown: 0xff99,
  PageUp: 0xff9a,
  PageDown: 0xff9b,
  End: 0xff9c,
  Clear: 0xff9d,
  Insert: 0xff9e,
  Delete: 0xff9f,
  '=': 0xffbd,
  '*': 0xffaa,
  '+': 0xffab,
  ',': 0xffac,
  '-': 0xffad,
  '.': 0xffae,
  '/': 0xffaf,
};

const KEYPAD_ZERO = 0xffb0;
const FUNCTION_ONE = 0xffbe;
const UNICODE_BASE = 0x01000000;

/**
 * Returns the keysym of a code point: the code point itself in Latin-1, otherwise the code point on the Unicode
 * page.
 */
function keysymOfCodePoint(codePoint: number): number {
  if (codePoint === 0x0a || codePoint === 0x0d) return 0xff0d;
  if (codePoint === 0x08) return 0xff08;
  if (codePoint === 0x09) return 0xff09;
  const isLatin1 = (codePoint >= 0x20 && codePoint <= 0x7e) || (codePoint >= 0xa0 && codePoint <= 0xff);
  return isLatin1 ? codePoint : UNICODE_BASE + codePoint;
}

/** Returns the keysyms that type `text`, one per character (not per UTF-16 unit). */
export function keysymsOfText(text: string): number[] {
  return Array.from(text.replaceAll('\r\n', '\n'), (character) =>
    keysymOfCodePoint(character.codePointAt(0)!),
  );
}

/** Returns the keysym of a key press, or undefined if the browser does not name the key. */
export function keysymOfKey({ key, location }: KeyPress): number | undefined {
  if (location === LOCATION_KEYPAD) {
    if (key in KEYPAD) return KEYPAD[key];
    if (/^[0-9]$/.test(key)) return KEYPAD_ZERO + Number(key);
  }
  if (Object.hasOwn(NAMED, key)) {
    const [left, right] = NAMED[key]!;
    return location === LOCATION_RIGHT ? (right ?? left) : left;
  }
  const functionKey = /^F([1-9]|[12][0-9]|3[0-5])$/.exec(key);
  if (functionKey) return FUNCTION_ONE + Number(functionKey[1]) - 1;
  const codePoint = key.codePointAt(0);
  // A printable key is exactly one character. Other names that are not listed above have no keysym.
  if (codePoint === undefined || key.length !== String.fromCodePoint(codePoint).length) return undefined;
  return keysymOfCodePoint(codePoint);
}
