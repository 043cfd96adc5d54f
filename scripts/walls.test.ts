import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { breaches, readImports } from './walls.ts';

/** Breaches in a project that has only these files. */
function breachesOf(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'deskwire-walls-'));
  try {
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), source);
    }
    return breaches(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('imports from a higher floor to a lower one are allowed', () => {
  const found = breachesOf({
    'src/main.ts': `import { a } from './session/a.ts';\nimport pino from 'pino';`,
    'src/session/a.ts': `import { b } from '../pixels/b.ts';\nimport type { c } from './c.ts';`,
    'src/session/c.ts': '',
    'src/pixels/b.ts': '',
    'src/client/page.ts': `import { p } from '../protocol/p.ts';\nimport pako from 'pako';`,
    'src/protocol/p.ts': '',
    'src/desktop/x11/x.ts': `import x11 from 'x11';`,
    'src/encode/encoders/jpeg.ts': `import jpeg from '@julusian/jpeg-turbo';`,
    'src/protocol/p.test.ts': `import { test } from 'node:test';`,
  });
  assert.deepEqual(found, []);
});

test('the client library may import the types of events, and Node’s modules in the file for Node', () => {
  const found = breachesOf({
    'src/sdk/events.ts': `import type { E } from '../events/event.ts';\nimport './errors.ts';`,
    'src/sdk/errors.ts': '',
    'src/cli/calls.ts': `import '../sdk/errors.ts';`,
    'src/sdk/node.ts': `import { Agent } from 'node:https';`,
    'src/events/event.ts': '',
  });
  assert.deepEqual(found, []);
});

test('a room may import its inner rooms, and an inner room those on its list', () => {
  const found = breachesOf({
    'src/session/session.ts': `import './viewer/v.ts';\nimport './link/l.ts';`,
    'src/session/viewer/v.ts': `import '../link/l.ts';\nimport '../frame/taker.ts';\nimport './w.ts';`,
    'src/session/viewer/w.ts': '',
    'src/session/link/l.ts': '',
    'src/session/frame/taker.ts': '',
  });
  assert.deepEqual(found, []);
});

/** The URL of a thread in sources that also run compiled. */
const byExtension = (name: string): string =>
  `new URL(\`${name}\${extname(import.meta.url)}\`, import.meta.url)`;

test('a thread may import types from the file that starts it', () => {
  const found = breachesOf({
    'src/encode/a.ts': `const W = ${byExtension('./w.worker')};`,
    'src/encode/w.worker.ts': `import type { A } from './a.ts';`,
  });
  assert.deepEqual(found, []);
});

const planted: Record<string, [files: Record<string, string>, breach: RegExp]> = {
  'an import that runs up': [
    { 'src/session/a.ts': `import { b } from '../http/b.ts';`, 'src/http/b.ts': '' },
    /^src\/session\/a\.ts:1: session may not import src\/http\/b\.ts/,
  ],
  'an import of types that runs up': [
    { 'src/encode/a.ts': `\nimport type { B } from '../session/b.ts';`, 'src/session/b.ts': '' },
    /^src\/encode\/a\.ts:2: encode may not import/,
  ],
  'an import from the same floor': [
    { 'src/encode/a.ts': `export { b } from '../desktop/b.ts';`, 'src/desktop/b.ts': '' },
    /^src\/encode\/a\.ts:1: encode may not import src\/desktop/,
  ],
  'a client library that imports another room': [
    { 'src/sdk/a.ts': `import { b } from '../common/b.ts';`, 'src/common/b.ts': '' },
    /^src\/sdk\/a\.ts:1: the client library may not import src\/common\/b\.ts/,
  ],
  'a client library that imports a package': [
    { 'src/sdk/node.ts': `import { WebSocket } from 'ws';` },
    /^src\/sdk\/node\.ts:1: the client library imports nothing from outside, but takes 'ws'/,
  ],
  'a client library that needs Node for all': [
    { 'src/sdk/a.ts': `import { Agent } from 'node:https';` },
    /^src\/sdk\/a\.ts:1: the client library imports nothing from outside/,
  ],
  'a server that imports the client library': [
    { 'src/api/a.ts': `import { b } from '../sdk/b.ts';`, 'src/sdk/b.ts': '' },
    /^src\/api\/a\.ts:1: the server may not import the client library's src\/sdk\/b\.ts/,
  ],
  'a dynamic import that runs up': [
    { 'src/stats/a.ts': `const b = await import('../main.ts');`, 'src/main.ts': '' },
    /^src\/stats\/a\.ts:1: stats may not import src\/main\.ts/,
  ],
  'a worker of another room': [
    {
      'src/encode/a.ts': `new Worker(new URL('../session/w.ts', import.meta.url));`,
      'src/session/w.ts': '',
    },
    /^src\/encode\/a\.ts:1: encode may not import src\/session/,
  ],
  'a worker of another room, by the extension of what starts it': [
    {
      'src/encode/a.ts': `const W = ${byExtension('../session/w.worker')};`,
      'src/session/w.worker.ts': '',
    },
    /^src\/encode\/a\.ts:1: encode may not import src\/session\/w\.worker\.ts/,
  ],
  'one worker of several of another room': [
    { 'src/stats/a.ts': `const script = (name) => ${byExtension('../encode/${name}.worker')};` },
    /^src\/stats\/a\.ts:1: stats may not import src\/encode\//,
  ],
  'Node in the core': [{ 'src/protocol/a.ts': `import fs from 'node:fs';` }, /takes 'node:fs'/],
  'a package in the core': [{ 'src/pixels/a.ts': `import pako from 'pako';` }, /takes 'pako'/],
  'one core room in the other': [
    { 'src/protocol/a.ts': `import { R } from '../pixels/rect.ts';`, 'src/pixels/rect.ts': '' },
    /protocol imports nothing from outside/,
  ],
  'the server in the page': [
    { 'src/client/a.ts': `import { b } from '../config/b.ts';`, 'src/config/b.ts': '' },
    /the page may not import src\/config\/b\.ts/,
  ],
  'Node in the page': [{ 'src/client/a.ts': `import 'node:fs';` }, /the page cannot import 'node:fs'/],
  'the page in the server': [
    { 'src/http/a.ts': `import { b } from '../client/b.ts';`, 'src/client/b.ts': '' },
    /the server may not import the page's/,
  ],
  'X outside its room': [
    { 'src/session/a.ts': `import atoms from 'x11/lib/stdatoms.js';` },
    /only src\/desktop\/x11\/ may import 'x11\/lib\/stdatoms\.js'/,
  ],
  'a codec outside its room': [
    { 'src/encode/pool.ts': `import '@jsquash/webp';` },
    /only src\/encode\/encoders/,
  ],
  'a room within a room that imports one it may not': [
    { 'src/session/link/a.ts': `import '../viewer/b.ts';`, 'src/session/viewer/b.ts': '' },
    /^src\/session\/link\/a\.ts:1: src\/session\/link may not import src\/session\/viewer\/b\.ts: it may import no other room/,
  ],
  'another file than the one that a room within a room may import': [
    { 'src/session/picture/a.ts': `import '../frame/frame-loop.ts';`, 'src/session/frame/frame-loop.ts': '' },
    /src\/session\/picture may not import .*: it may import frame\/taker\.ts$/,
  ],
  'a room within a room that imports from the hall': [
    { 'src/http/tls/a.ts': `import '../server.ts';`, 'src/http/server.ts': '' },
    /src\/http\/tls may not import src\/http\/server\.ts, which is in the outer room/,
  ],
  'a room within a room that nobody knows': [
    { 'src/api/attic/a.ts': `import '../calls/b.ts';`, 'src/api/calls/b.ts': '' },
    /src\/api\/attic\/a\.ts is in no inner room of src\/api/,
  ],
  'a barrel': [{ 'src/encode/index.ts': '' }, /a barrel/],
  'a room without a floor': [
    { 'src/attic/a.ts': `import { b } from '../stats/b.ts';`, 'src/stats/b.ts': '' },
    /src\/attic is on no floor/,
  ],
  'code outside src': [{ 'src/session/a.ts': `import { t } from '../../test/t.ts';` }, /takes test\/t\.ts/],
  'an import cycle': [
    {
      'src/http/a.ts': `import './b.ts';`,
      'src/http/b.ts': `import './c.ts';`,
      'src/http/c.ts': `import './a.ts';`,
    },
    /cycle: src\/http\/a\.ts > src\/http\/b\.ts > src\/http\/c\.ts > src\/http\/a\.ts/,
  ],
};

for (const [name, [files, breach]] of Object.entries(planted)) {
  test(`the walls check finds ${name}`, () => {
    const found = breachesOf(files);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0]!, breach);
  });
}

test('the walls check reads imports over several lines, and not from comments and strings', () => {
  const source = [
    'import {',
    '  a,',
    "} from './a.ts';",
    "// import { b } from './b.ts';",
    "/* import './c.ts'; */",
    `const text = "import './d.ts'";`,
    "const address = 'https://example.org'; import('./e.ts');",
  ].join('\n');
  const found = readImports('src/http/x.ts', source).map(({ line, to }) => [line, to]);
  assert.deepEqual(found, [
    [3, 'src/http/a.ts'],
    [7, 'src/http/e.ts'],
  ]);
});
