/** The first place where a text is not JSON, or says the same thing twice. */
export interface JsonFault {
  /** Characters before it. */
  readonly position: number;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  readonly what: string;
}

const SPACE = /[ \t\n\r]*/y;
/** Everything from the space on but the quote and the backslash, and the escapes. */
const STRING = /"[ !#-[\]-\u{10ffff}]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\u{10ffff}]*)*"/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/**
 * Finds what is wrong with a JSON text (RFC 8259), or returns undefined. `JSON.parse` would not do: its messages quote
 * the text, which may hold passwords, often lack the position, and it keeps the last of two equal names in silence.
 * Nesting costs no stack.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  /** For each open bracket: the names seen so far in an object, null in a list. */
  const open: (Set<string> | null)[] = [];
  let at = 0;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const fault = (what: string, position = at): JsonFault => {
    const before = text.slice(0, position);
    const line = before.split('\n').length;
    return { position, line, column: position - before.lastIndexOf('\n'), what };
  };
  /** Reads `"name":` into the innermost object. */
  const readName = (): JsonFault | undefined => {
    match(SPACE);
    const start = at;
    const quoted = match(STRING);
    if (quoted === undefined) return fault('a field name in double quotes was expected');
    const names = open.at(-1);
    const name = JSON.parse(quoted) as string;
    if (names?.has(name)) return fault('this field is given twice', start);
    names?.add(name);
    match(SPACE);
    if (text[at] !== ':') return fault('a colon was expected');
    at += 1;
    return undefined;
  };

  for (;;) {
    match(SPACE);
    const first = text[at];
    let isValue = true;
    if (first === '[' || first === '{') {
      at += 1;
      match(SPACE);
      if (text[at] === (first === '[' ? ']' : '}')) at += 1;
      else {
        open.push(first === '[' ? null : new Set());
        const bad = first === '{' ? readName() : undefined;
        if (bad !== undefined) return bad;
        isValue = false;
      }
    } else if (first === undefined) {
      return fault('the text ends too early');
    } else if (match(STRING) === undefined && match(NUMBER) === undefined && match(WORD) === undefined) {
      return fault(first === '"' ? 'this text in quotes is not well-formed' : 'a value was expected');
    }
    if (!isValue) continue;

    // A value has ended: close what it was the last of, up to the comma that another value follows.
    for (;;) {
      match(SPACE);
      const innermost = open.at(-1);
      if (innermost === undefined) return at === text.length ? undefined : fault('the text should end here');
      const next = text[at];
      if (next === ',') {
        at += 1;
        const bad = innermost === null ? undefined : readName();
        if (bad !== undefined) return bad;
        break;
      }
      if (next !== (innermost === null ? ']' : '}')) {
        const expected = innermost === null ? 'a comma or ] was expected' : 'a comma or } was expected';
        return fault(next === undefined ? 'the text ends too early' : expected);
      }
      at += 1;
      open.pop();
    }
  }
}
