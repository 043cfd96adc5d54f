/** Characters of a line. Long lines make text areas slow: they lay a whole line out for each character. */
const LINE_CHARACTERS = 60;
/** Characters of a script in a row. */
const WORD_CHARACTERS = 5;

/** A row of code points. */
type Script = readonly [first: number, count: number];

const HAN: Script = [0x4e00, 20_000];
const HANGUL: Script = [0xac00, 11_000];
const ETHIOPIC: Script = [0x1208, 63];
const LATIN_EXTENDED: Script = [0x100, 127];
const HIRAGANA: Script = [0x3041, 86];
const CYRILLIC: Script = [0x430, 32];
const ARMENIAN: Script = [0x561, 38];
const LATIN: Script = [0x61, 26];
const LATIN_CAPITALS: Script = [0x41, 26];
const DIGITS: Script = [0x30, 10];

/** The layouts of which `typableText` has letters. */
export const TYPABLE_LAYOUTS = 'us,ru';

/**
 * A text whose every character needs a new keycode in a desktop with an English keyboard: until a character comes again,
 * more others have come than there are spare keycodes.
 */
export const foreignText = (characters: number): string =>
  text(characters, [HAN, LATIN_EXTENDED, HANGUL, HIRAGANA, HAN, ETHIOPIC, HANGUL, ARMENIAN]);

/** A text that keyboards with the layouts `TYPABLE_LAYOUTS` have. */
export const typableText = (characters: number): string =>
  text(characters, [LATIN, CYRILLIC, LATIN_CAPITALS, LATIN, DIGITS, CYRILLIC]);

function text(characters: number, scripts: readonly Script[]): string {
  const used = new Map<Script, number>();
  return Array.from({ length: characters }, (_, i) => {
    if (i % LINE_CHARACTERS === LINE_CHARACTERS - 1) return '\n';
    const script = scripts[Math.floor(i / WORD_CHARACTERS) % scripts.length]!;
    const [first, count] = script;
    const at = used.get(script) ?? 0;
    used.set(script, at + 1);
    return String.fromCodePoint(first + (at % count));
  }).join('');
}
