// The types of `deskwire/view`, as a program of others compiles against them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { buildViewTypes } from '../../scripts/build-view-types.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'deskwire-view-types-'));
  const place = join(folder, 'node_modules/deskwire');
  mkdirSync(place, { recursive: true });
  copyFileSync(join(ROOT, 'package.json'), join(place, 'package.json'));
  buildViewTypes(join(place, 'dist/view'));
});
after(() => folder && rmSync(folder, { recursive: true }));

const RIGHT = `
import { DeskwireView } from 'deskwire/view';
import type { DeskwireViewEvents } from 'deskwire/view';

const view = document.createElement('deskwire-view');
const same: DeskwireView = view;
const found: DeskwireView | null = document.querySelector('deskwire-view');
const other = new DeskwireView();
view.setAttribute('src', 'https://desk.example/');
view.addEventListener('connected', ({ detail: { name } }) => name.trim());
view.addEventListener('disconnected', ({ detail }) => console.log(detail.reason.trim(), detail.retries === true));
view.addEventListener('resized', ({ detail }) => detail.width * detail.height);
view.addEventListener('clipboard', ({ detail: { text, png } }) => [text?.length, png?.byteLength]);
view.addEventListener('rights', ({ detail }) => detail.read && detail.write);
view.addEventListener('notice', ({ detail }) => detail.text.trim(), { once: true });
view.addEventListener('stats', ({ detail }) =>
  [detail.framesPerSecond, detail.bytesPerSecond, detail.latencyMs?.toFixed(), detail.renderMs.toFixed()]);
const onNotice = ({ detail }: CustomEvent<DeskwireViewEvents['notice']>) => console.log(detail.text);
view.addEventListener('notice', onNotice);
view.removeEventListener('notice', onNotice);
view.addEventListener('click', (event) => event.clientX);
view.addEventListener('my-own', { handleEvent: (event: Event) => event.type });
view.sendKeys({ key: 'Control', code: 'ControlLeft', location: 1 }, { key: 'c', code: 'KeyC', location: 0 });
view.paste('text');
view.resize(1280, 720);
view.resize(1280, 720, 200);
view.quality = 'sharp';
view.focus();
const picture: Promise<Blob | undefined> = view.screenshot();
const log = <Name extends keyof DeskwireViewEvents>(name: Name, detail: DeskwireViewEvents[Name]) => [name, detail];
log('resized', { width: 1, height: 2 });
export { same, found, other, picture };
`;

const WRONG = [
  ["view.quality = 'best';", /best/],
  ["view.addEventListener('resized', ({ detail }) => detail.widht);", /widht/],
  ["view.addEventListener('stats', ({ detail }) => detail.latencyMs.toFixed());", /undefined/],
  ['view.paste(new Uint8Array(1));', /Uint8Array/],
  ["view.sendKeys({ key: 'c' });", /code/],
  ['view.resize(1280);', /arguments/],
] as const;

/** Resolves with what the compiler prints. */
async function compile(name: string, text: string, more: object): Promise<string> {
  writeFileSync(join(folder, name), text);
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], types: [] },
    ...{ exactOptionalPropertyTypes: true, typeRoots: [] },
    ...more,
  };
  const config = join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [name] }));
  const compiler = join(ROOT, 'node_modules/.bin/tsc');
  const { stdout } = await run(compiler, ['-p', config], { cwd: folder }).catch((error) => error);
  return stdout;
}

for (const [name, options] of [
  ['a bundler', { module: 'esnext', moduleResolution: 'bundler' }],
  ['Node.js', { module: 'nodenext', moduleResolution: 'nodenext' }],
] as const) {
  // The types themselves are checked too: no skipLibCheck.
  test(`a TypeScript program for ${name} compiles with the element’s events and methods, without another package`, async () => {
    assert.equal(await compile('use.mts', RIGHT, options), '');
  });
}

test('the types of the element tell what is wrong', async () => {
  const head = "import 'deskwire/view'; const view = document.createElement('deskwire-view');\n";
  const text = `${head}${WRONG.map(([line]) => line).join('\n')}\n`;
  const printed = await compile('wrong.mts', text, { module: 'esnext', moduleResolution: 'bundler' });
  const faults = printed.split('\n').filter((line) => /^\S/.test(line));
  assert.equal(faults.length, WRONG.length, printed);
  for (const [index, [, reason]] of WRONG.entries()) {
    assert.ok(faults[index]!.startsWith(`wrong.mts(${index + 2},`), printed);
    assert.match(faults[index]!, reason);
  }
});
