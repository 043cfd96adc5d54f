import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Node, YAMLMap } from 'yaml';
import { ConfigError } from './errors.ts';

/** One key of the file that has no keys below it: its value as text, lists joined by commas, and its place. */
export interface YamlLeaf {
  /** The names of the keys above it, and its own. */
  readonly path: readonly string[];
  /** Empty for no value. Undefined if the value is neither a text, a number, a boolean nor a list of these. */
  readonly text: string | undefined;
  /** `/etc/deskwire.yaml, line 3, column 1` */
  readonly place: string;
}

/** Most levels of keys. KasmVNC's file has five. A larger value lets a broken file take more of the stack. */
const MOST_LEVELS = 8;

/** Most leaves. KasmVNC's file has a hundred. A larger value lets aliases of aliases take more time and memory. */
const MOST_LEAVES = 4096;

/** Bytes of the largest file. A larger value lets a wrong file, such as a device, take more memory. */
const MOST_FILE_BYTES = 1 << 20;

/**
 * Reads the leaves of a YAML file in their order. Throws CFG_FILE_UNREADABLE, or CFG_YAML_BROKEN with line and
 * column.
 */
export function readYamlFile(path: string): YamlLeaf[] {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
    if (source.length > MOST_FILE_BYTES) throw new Error(`it is larger than ${MOST_FILE_BYTES} bytes`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError('CFG_FILE_UNREADABLE', `The configuration file ${path} cannot be read: ${why}.`, {
      cause,
    });
  }
  return parseYaml(source, path);
}

/** Parses the text of a YAML file. `path` is its name in errors. */
export function parseYaml(source: string, path: string): YamlLeaf[] {
  // Loaded only here: it takes 4 MB, and most servers have no such file.
  const { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } = createRequire(import.meta.url)(
    'yaml',
  ) as typeof import('yaml');
  const lines = new LineCounter();
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  } catch (cause) {
    // The package calls itself for each bracket, so that very deep nesting overflows the stack.
    throw new ConfigError('CFG_YAML_BROKEN', `${path}: the file cannot be parsed.`, { cause });
  }
  const placeOf = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}, line ${line}, column ${col}`;
  };

  const [error] = document.errors;
  if (error !== undefined) {
    throw new ConfigError('CFG_YAML_BROKEN', `${placeOf(error.pos[0])}: ${error.message}.`, { cause: error });
  }
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return [];
  if (!isMap(root)) {
    const place = placeOf(root.range?.[0] ?? 0);
    throw new ConfigError('CFG_YAML_BROKEN', `${place}: expected lines of the form "key: value".`);
  }

  const resolved = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  const scalarText = (node: unknown): string | undefined => {
    if (!isScalar(node) || node.value === null) return undefined;
    // The text as written: 0755 or 1.10 would come back as other numbers.
    return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  };
  const textOf = (node: unknown): string | undefined => {
    if (!isSeq(node)) return scalarText(node);
    const items = node.items.map((item) => scalarText(resolved(item)));
    return items.every((item) => item !== undefined) ? items.join(',') : undefined;
  };
  const leaves: YamlLeaf[] = [];
  const walk = (map: YAMLMap, above: readonly string[]): void => {
    for (const { key, value } of map.items) {
      const place = placeOf((key as Node | null)?.range?.[0] ?? 0);
      const word = scalarText(resolved(key));
      // To show a key with keys inside it takes the package twice as long for each level.
      if (word === undefined) throw new ConfigError('CFG_YAML_BROKEN', `${place}: a key must be a text.`);
      const path = [...above, word];
      const node = resolved(value);
      // Aliases can name a map that contains them.
      if (path.length > MOST_LEVELS || leaves.length >= MOST_LEAVES)
        throw new ConfigError('CFG_YAML_BROKEN', `${place}: too many keys, or keys within keys.`);
      if (isMap(node) && node.items.length > 0) walk(node, path);
      else leaves.push({ path, text: isNone(node) ? '' : textOf(node), place });
    }
  };
  const isNone = (node: unknown): boolean =>
    node === null || (isScalar(node) && node.value === null) || (isMap(node) && node.items.length === 0);
  walk(root, []);
  return leaves;
}
