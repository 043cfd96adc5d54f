/** The first fault of a JSON text: wrong syntax, a repeated name in an object, or more than MAX_DEPTH and MAX_VALUES. */
export interface JsonFault {
  /** Number of characters before the fault. */
  readonly position: number;
  /** Line and column, from 1. */
  readonly line: number;
  readonly column: number;
  readonly what: string;
}

/**
 * Brackets within each other, and values, of one text. Each bulk call has 2 levels, and at most 5,000 values. Larger
 * limits let a body of 1 MiB keep the event loop longer: without them 200 ms.
 */
const MAX_DEPTH = 32;
const MAX_VALUES = 20_000;

const SPACE = /[ \t\n\r]*/y;
/** All characters from the space on, without the quote and the backslash, and escapes. */
const STRING = /"[ !#-[\]-\u{10ffff}]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\u{10ffff}]*)*"/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/**
 * Finds the first fault of a JSON text (RFC 8259). Returns undefined if there is none. `JSON.parse` is not enough: its
 * messages quote the text, which may have passwords in it, they often lack the position, and it accepts repeated names.
 * Does not recurse, so that deep nesting does not overflow the stack. The parser of `jsonc-parser` recurses.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  /** Open brackets. Has the names so far for an object, and null for a list. */
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
  /** Reads `"name":` and adds the name to the innermost object. */
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

  for (let values = 1; ; values++) {
    match(SPACE);
    if (values > MAX_VALUES) return fault(`there are more than ${MAX_VALUES} values`);
    const first = text[at];
    let isValue = true;
    if (first === '[' || first === '{') {
      if (open.length === MAX_DEPTH) return fault(`brackets are more than ${MAX_DEPTH} levels deep`);
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

    // A value has ended. Closes the objects and lists that end after it, up to a comma and the next value.
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
