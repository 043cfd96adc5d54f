/** Checks which file may import which. The rules are those of docs/architecture.md. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/**
 * The floors from the highest to the lowest. Each has rooms, or a file of src/. Imports go from higher to lower floors.
 */
export const FLOORS: readonly (readonly string[])[] = [
  ['cli'],
  ['main.ts', 'fleet'],
  ['api', 'rfb'],
  ['http'],
  ['session'],
  ['encode', 'desktop', 'webhooks'],
  ['accounts', 'audit', 'events', 'stats', 'config'],
  ['protocol', 'pixels', 'threads', 'common'],
];

/** The page is on no floor. It shares only the protocol with the server. */
const PAGE_MAY_IMPORT = ['client', 'protocol'];

/**
 * The client library of the API is on no floor either. It runs in programs of others, so that it imports nothing from
 * outside, apart from the types of events, and Node's own modules in one file. The commands that call a fleet use it.
 */
const SDK_MAY_IMPORT = 'src/events/event.ts';
const SDK_FOR_NODE = 'src/sdk/node.ts';

/** Rooms that server, page and test viewers share. They import nothing from outside, not even packages. */
const SELF_CONTAINED = ['protocol', 'pixels'];

/**
 * Rooms that have inner rooms. For each inner room: the other inner rooms, or single files of one, that it may import.
 * Files of the outer room itself may import all its inner rooms. No inner room may import them.
 */
export const HALLS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'src/session': {
    link: [],
    dlp: [],
    frame: [],
    picture: ['frame/taker.ts'],
    screen: ['picture/video-mode.ts'],
    viewer: ['link', 'dlp', 'picture', 'frame/taker.ts'],
    measure: ['viewer', 'picture', 'frame'],
  },
  'src/desktop/x11': {
    wire: [],
    screen: ['wire'],
    input: ['wire'],
    clipboard: ['wire'],
    frame: ['wire'],
    shell: ['wire'],
    server: ['wire', 'screen', 'shell'],
  },
  'src/http': {
    problems: [],
    origin: ['problems'],
    login: ['problems', 'origin'],
    tls: ['problems'],
    connections: ['problems', 'origin'],
    entrance: ['problems', 'origin'],
    websocket: ['problems', 'origin', 'login', 'connections'],
  },
  'src/encode': {
    overlay: ['encoders/pixel-source.ts'],
    plan: ['overlay/overlay.ts'],
    encoders: ['plan'],
    make: ['plan', 'encoders', 'overlay'],
    threads: ['plan', 'encoders', 'make'],
  },
  'src/fleet': {
    store: [],
    logins: ['store'],
    events: ['store', 'logins'],
    host: ['store', 'logins'],
    edge: ['store', 'logins'],
    api: ['store', 'logins', 'events', 'edge/glances.ts'],
  },
  'src/api': {
    host: [],
    contract: [],
    events: ['contract'],
    metrics: ['events'],
    calls: ['contract', 'host', 'events', 'metrics'],
  },
};

/** Packages that only one folder may load, so that other code does not depend on them. */
const KEPT_PACKAGES: readonly (readonly [prefix: string, folder: string])[] = [
  ['x11', 'src/desktop/x11/'],
  ['@julusian/jpeg-turbo', 'src/encode/encoders/'],
  ['@jsquash/webp', 'src/encode/encoders/'],
  ['prom-client', 'src/api/metrics/'],
  ['pg', 'src/fleet/store/postgres/'],
];

export interface Import {
  /** The importing file, relative to the root. */
  readonly from: string;
  readonly line: number;
  readonly specifier: string;
  /** The imported file, relative to the root. Undefined for a package and for Node's own modules. */
  readonly to: string | undefined;
  /** Whether the file is started as a thread, which loads its own modules, instead of imported. */
  readonly isThread: boolean;
}

/** Lists each breach of the walls under `root`, as `file:line: reason`. */
export function breaches(root: string): string[] {
  const files = globSync('src/**/*.ts', { cwd: root, exclude: ['src/pixels/kernels/assembly/**'] }).sort();
  const imports = new Map<string, Import[]>();
  for (const file of files) imports.set(file, readImports(file, readFileSync(join(root, file), 'utf8')));

  const found: string[] = [];
  for (const file of files) {
    if (file.endsWith('/index.ts')) found.push(`${file}: a barrel; import the file itself`);
    // Tests may import anything, because they are not in the package.
    if (isTest(file)) continue;
    for (const entry of imports.get(file)!) {
      const wrong = judge(entry);
      if (wrong !== undefined) found.push(`${file}:${entry.line}: ${wrong}`);
    }
  }
  return [...found, ...cycles(imports)];
}

function judge({ from, specifier, to }: Import): string | undefined {
  const room = roomOf(from);
  if (to === undefined) {
    if (SELF_CONTAINED.includes(room))
      return `${room} imports nothing from outside, but takes '${specifier}'`;
    if (room === 'sdk' && !(from === SDK_FOR_NODE && specifier.startsWith('node:')))
      return `the client library imports nothing from outside, but takes '${specifier}'`;
    if (room === 'client' && specifier.startsWith('node:')) return `the page cannot import '${specifier}'`;
    for (const [prefix, folder] of KEPT_PACKAGES) {
      const isIt = specifier === prefix || specifier.startsWith(`${prefix}/`);
      if (isIt && !from.startsWith(folder)) return `only ${folder} may import '${specifier}'`;
    }
    return undefined;
  }
  if (!to.startsWith('src/')) return `src/ imports nothing from outside itself, but takes ${to}`;
  if (isTest(to)) return `imports the test ${to}`;
  const target = roomOf(to);
  if (target === room) return judgeWithin(from, to);
  if (room === 'client') {
    return PAGE_MAY_IMPORT.includes(target) ? undefined : `the page may not import ${to}`;
  }
  if (room === 'sdk') {
    return to === SDK_MAY_IMPORT ? undefined : `the client library may not import ${to}`;
  }
  if (target === 'sdk')
    return room === 'cli' ? undefined : `the server may not import the client library's ${to}`;
  if (target === 'client') return `the server may not import the page's ${to}`;
  if (SELF_CONTAINED.includes(room)) return `${room} imports nothing from outside, but takes ${to}`;
  const floor = floorOf(room);
  const targetFloor = floorOf(target);
  if (floor === undefined) return `src/${room} is on no floor; add it in scripts/walls.ts`;
  if (targetFloor === undefined) return `src/${target} is on no floor; add it in scripts/walls.ts`;
  if (targetFloor <= floor) return `${room} may not import ${to}: imports go to lower floors only`;
  return undefined;
}

/** Checks an import between files of one outer room. */
function judgeWithin(from: string, to: string): string | undefined {
  for (const [hall, rooms] of Object.entries(HALLS)) {
    const source = placeIn(hall, from);
    const target = placeIn(hall, to);
    if (source === undefined || target === undefined) continue;
    for (const [file, { room }] of [
      [from, source],
      [to, target],
    ] as const) {
      if (room !== '' && rooms[room] === undefined)
        return `${file} is in no inner room of ${hall}/; add it in scripts/walls.ts`;
    }
    if (source.room === '' || source.room === target.room) continue;
    const allowed = rooms[source.room]!;
    if (target.room === '') return `${hall}/${source.room} may not import ${to}, which is in the outer room`;
    if (!allowed.includes(target.room) && !allowed.includes(target.path)) {
      return `${hall}/${source.room} may not import ${to}: it may import ${allowed.join(', ') || 'no other room'}`;
    }
  }
  return undefined;
}

/** The path of a file in an outer room, and its inner room, '' for none. Undefined for a file outside. */
function placeIn(hall: string, file: string): { room: string; path: string } | undefined {
  if (!file.startsWith(`${hall}/`)) return undefined;
  const path = file.slice(hall.length + 1);
  const slash = path.indexOf('/');
  return { room: slash < 0 ? '' : path.slice(0, slash), path };
}

/**
 * Finds import cycles, one line for each file at which a cycle was found. Starting a thread is no import: the thread
 * loads its own modules, and may import types from the file that starts it.
 */
function cycles(imports: ReadonlyMap<string, readonly Import[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      found.push(`${file}: imports in a cycle: ${[...path.slice(start), file].join(' > ')}`);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const { to, isThread } of imports.get(file) ?? []) if (to !== undefined && !isThread) visit(to);
    path.pop();
    done.add(file);
  };
  for (const file of imports.keys()) visit(file);
  return found;
}

/**
 * Reads the imports, re-exports and dynamic imports of a source text, and the threads that it starts with
 * `new URL('./x.worker.ts', import.meta.url)` or new URL(`./x.worker${extname(import.meta.url)}`, import.meta.url).
 * Ignores comments and strings.
 */
export function readImports(from: string, source: string): Import[] {
  const code = blankComments(source);
  const imports = [
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])([^'"]+)\1/gm,
    /^\s*import\s*(['"])([^'"]+)\1/gm,
    /\bimport\s*\(\s*(['"])([^'"]+)\1/g,
  ];
  const threads = [
    /\bnew URL\(\s*(['"])(\.[^'"]*\.ts)\1\s*,\s*import\.meta\.url/g,
    /\bnew URL\(\s*(`)(\.[^`]*)\$\{\s*extname\(import\.meta\.url\)\s*\}`\s*,\s*import\.meta\.url/g,
  ];
  const found: Import[] = [];
  for (const pattern of [...imports, ...threads]) {
    for (const match of code.matchAll(pattern)) {
      const specifier = match[1] === '`' ? `${match[2]}.ts` : match[2]!;
      const end = match.index + match[0].length;
      const line = code.slice(0, end).split('\n').length;
      const to = specifier.startsWith('.') ? normalize(join(dirname(from), specifier)) : undefined;
      found.push({ from, line, specifier, to, isThread: threads.includes(pattern) });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

/** Replaces comments by spaces, except line breaks. Keeps strings and templates, such as `'https://'`. */
export function blankComments(source: string): string {
  const token =
    /(?:'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return source.replace(token, (text) => (text.startsWith('/') ? text.replace(/[^\n]/g, ' ') : text));
}

function roomOf(file: string): string {
  return file.split('/')[1]!;
}

function floorOf(room: string): number | undefined {
  const floor = FLOORS.findIndex((rooms) => rooms.includes(room));
  return floor < 0 ? undefined : floor;
}

function isTest(file: string): boolean {
  return file.endsWith('.test.ts');
}
