import { readFileSync } from 'node:fs';

/** The parts of a heap snapshot of V8 that are read. */
interface Snapshot {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly unknown[] };
  };
  /** The fields of all nodes, one after the other. */
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

interface ClassUse {
  readonly count: number;
  readonly bytes: number;
}

/** Kinds of nodes that are named by their class or function. Others have names like those of strings. */
const NAMED = ['object', 'closure', 'native'];

/** Returns the objects of a snapshot by class. Nodes without one are counted by their kind. */
export function readHeapClasses(path: string): Map<string, ClassUse> {
  return heapClasses(JSON.parse(readFileSync(path, 'utf8')) as Snapshot);
}

function heapClasses({ snapshot: { meta }, nodes, strings }: Snapshot): Map<string, ClassUse> {
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => meta.node_fields.indexOf(field));
  const types = meta.node_types[type!] as readonly string[];
  const classes = new Map<string, ClassUse>();
  for (let at = 0; at < nodes.length; at += meta.node_fields.length) {
    const kind = types[nodes[at + type!]!]!;
    const key = NAMED.includes(kind) ? `${kind} ${strings[nodes[at + name!]!]}` : kind;
    const { count, bytes } = classes.get(key) ?? { count: 0, bytes: 0 };
    classes.set(key, { count: count + 1, bytes: bytes + nodes[at + size!]! });
  }
  return classes;
}

/** Returns the `most` classes that have grown most in bytes, each as a line. */
export function grownClasses(
  before: ReadonlyMap<string, ClassUse>,
  after: ReadonlyMap<string, ClassUse>,
  most: number,
): string[] {
  return [...after]
    .map(([name, { count, bytes }]) => {
      const was = before.get(name) ?? { count: 0, bytes: 0 };
      return { name, count: count - was.count, bytes: bytes - was.bytes };
    })
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, most)
    .map(({ name, count, bytes }) => `${name}: ${(bytes / 1024).toFixed(1)} KiB in ${count} more`);
}
