import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadConfig } from '../load-config.ts';
import { DLP_KEYS_BY_PATH } from './dlp-keys.ts';
import type { DlpRules, DlpSettings } from './dlp-settings.ts';
import { NO_DLP } from './read-dlp.ts';

const folder = mkdtempSync(join(tmpdir(), 'deskwire-dlp-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'deskwire.yaml');

function read(yaml: string): DlpSettings {
  writeFileSync(file, yaml);
  return loadConfig(new Map([['config', [file]]]), {}, '/cwd').config.dataLossPrevention;
}

/** Keys below `data_loss_prevention` as lines of YAML, nested as their paths say. */
const nested = (path: string, text: string): string =>
  ['data_loss_prevention', ...path.split('.')]
    .map((name, level, all) => `${'  '.repeat(level)}${name}:${level === all.length - 1 ? ` ${text}` : ''}\n`)
    .join('');

test('without data_loss_prevention no user is limited', () => {
  assert.deepEqual(read('port: 1\n'), NO_DLP);
  assert.equal(NO_DLP.forAll.visibleRegion, undefined);
  assert.equal(NO_DLP.forAll.watermark, undefined);
});

test('the block of KasmVNC’s own file, with its headings that have no value, limits nothing', () => {
  const yaml = `data_loss_prevention:
  visible_region:
    concealed_region:
      allow_click_down: false
      allow_click_release: false
  clipboard:
    delay_between_operations: none
    allow_mimetypes:
      - chromium/x-web-custom-data
      - text/html
      - image/png
    server_to_client: {enabled: true, size: unlimited}
    client_to_server: {enabled: true, size: unlimited}
  keyboard: {enabled: true, rate_limit: unlimited}
  watermark:
  logging: {level: off}
`;
  assert.deepEqual(read(yaml), NO_DLP);
});

/** A key, values that it takes, what follows from the first one, and values that it refuses. */
const CASES: readonly (readonly [
  path: string,
  good: readonly string[],
  of: (rules: DlpRules) => unknown,
  is: unknown,
  bad: readonly string[],
])[] = [
  [
    'visible_region.left',
    ['10', '-10', '10%', '0.5%'],
    (r) => r.visibleRegion?.left,
    { kind: 'at', px: 10 },
    ['x', '-10%', '101%', '1.5', '[1, 2]'],
  ],
  ['visible_region.top', ['-7'], (r) => r.visibleRegion?.top, { kind: 'inset', px: 7 }, ['--7']],
  [
    'visible_region.right',
    ['12.5%'],
    (r) => r.visibleRegion?.right,
    { kind: 'percent', percent: 12.5 },
    ['"%"'],
  ],
  // As with KasmVNC, 0 is the border on each side.
  [
    'visible_region.bottom',
    ['0', '-0'],
    (r) => r.visibleRegion?.bottom,
    { kind: 'inset', px: 0 },
    ['99999', '-99999'],
  ],
  [
    'visible_region.concealed_region.allow_click_down',
    ['true', 'False'],
    (r) => r.allowsPress,
    true,
    ['yes', 'constructor'],
  ],
  ['visible_region.concealed_region.allow_click_release', ['true'], (r) => r.allowsRelease, true, ['1']],
  ['clipboard.delay_between_operations', ['500', 'none'], (r) => r.clipboard.delayMs, 500, ['-1', '9999999']],
  [
    'clipboard.allow_mimetypes',
    ['[text/html, image/png]', 'text/plain'],
    (r) => r.clipboard.formats,
    ['text', 'html', 'png'],
    ['text'],
  ],
  ['clipboard.server_to_client.enabled', ['false'], (r) => r.clipboard.toClient.isEnabled, false, ['no']],
  [
    'clipboard.server_to_client.size',
    ['10000', 'unlimited'],
    (r) => r.clipboard.toClient.mostBytes,
    10_000,
    ['10k'],
  ],
  [
    'clipboard.server_to_client.primary_clipboard_enabled',
    ['false', 'true', 'auto'],
    (r) => r.clipboard.primary,
    'never',
    ['none'],
  ],
  ['clipboard.client_to_server.enabled', ['false'], (r) => r.clipboard.toServer.isEnabled, false, ['0']],
  ['clipboard.client_to_server.size', ['0'], (r) => r.clipboard.toServer.mostBytes, 0, ['-1']],
  ['keyboard.enabled', ['false'], (r) => r.keyboard.isEnabled, false, ['none']],
  ['keyboard.rate_limit', ['20', 'unlimited'], (r) => r.keyboard.pressesPerSecond, 20, ['0']],
  [
    'watermark.image',
    ['mark.png'],
    (r) => r.watermark?.content,
    { kind: 'image', file: join(folder, 'mark.png') },
    ['"  "'],
  ],
  ['watermark.location', ['10,-10'], (r) => r.watermark, undefined, ['10', '1,2,3']],
  ['watermark.tint', ['255,20,20,128'], (r) => r.watermark, undefined, ['256,0,0,0', '1,2,3']],
  ['watermark.repeat_spacing', ['10'], (r) => r.watermark, undefined, ['-1', '5000']],
  [
    'watermark.text.template',
    ['"${USER} %H:%M"', 'x'],
    (r) => r.watermark?.content,
    { kind: 'text', template: '${USER} %H:%M', sizePx: 48, angle: 0, timeZone: undefined },
    ['"${HOME}"', '"%Q"', '"100%"', `"${'x'.repeat(257)}"`],
  ],
  ['watermark.text.font', ['auto'], (r) => r.watermark, undefined, ['/usr/share/fonts/x.ttf']],
  ['watermark.text.font_size', ['8'], (r) => r.watermark, undefined, ['7', '257']],
  ['watermark.text.timezone_name', ['Australia/Adelaide'], (r) => r.watermark, undefined, ['Moon/Far']],
  ['watermark.text.angle', ['-45'], (r) => r.watermark, undefined, ['360']],
  ['logging.level', ['info', 'verbose'], (r) => r.isLogged, true, ['all']],
];

for (const [path, good, of, is, bad] of CASES) {
  test(`data_loss_prevention.${path} takes its values and refuses others`, () => {
    assert.deepEqual(of(read(nested(path, good[0]!)).forAll), is);
    for (const text of good) read(nested(path, text));
    for (const text of bad) assert.throws(() => read(nested(path, text)), { code: 'CFG_BAD_VALUE' }, text);
  });
}

test('each key below data_loss_prevention has a case above', () => {
  assert.deepEqual([...DLP_KEYS_BY_PATH.keys()].sort(), CASES.map(([path]) => path).sort());
});

test('a user’s own rules override those for all, key by key', () => {
  const { forAll, byUser } = read(`data_loss_prevention:
  clipboard: {server_to_client: {enabled: false}, client_to_server: {size: 10}}
  users:
    fred: {clipboard: {server_to_client: {enabled: true}}}
    __proto__: {keyboard: {enabled: false}}
`);
  assert.equal(forAll.clipboard.toClient.isEnabled, false);
  const fred = byUser.get('fred')!;
  assert.equal(fred.clipboard.toClient.isEnabled, true);
  assert.equal(fred.clipboard.toServer.mostBytes, 10);
  assert.equal(byUser.get('__proto__')?.keyboard.isEnabled, false);
  assert.equal(byUser.get('ann'), undefined);
});

test('a key that data_loss_prevention has not is refused with its place and a suggestion', () => {
  for (const [yaml, words] of [
    ['data_loss_prevention:\n  keyboard: {enable: true}\n', /line 2.*keyboard\.enable:.*keyboard\.enabled\?/],
    ['data_loss_prevention: 5\n', /line 1/],
    ['data_loss_prevention:\n  users: {fred: 5}\n', /line 2/],
    ['data_loss_preventio: {}\n', /Did you mean data_loss_prevention\?/],
  ] as const) {
    assert.throws(() => read(yaml), { code: 'CFG_UNKNOWN_KEY', message: words });
  }
});

test('a file of aliases within aliases, or of endless depth, is refused', () => {
  const bomb = Array.from(
    { length: 12 },
    (_, i) =>
      `k${i}: &a${i} {${'abcdefgh'
        .split('')
        .map((c) => `${c}: ${i ? `*a${i - 1}` : 1}`)
        .join(', ')}}\n`,
  ).join('');
  assert.throws(() => read(bomb), { code: 'CFG_YAML_BROKEN' });
  assert.throws(() => read('data_loss_prevention: &a {users: *a}\n'), { code: 'CFG_YAML_BROKEN' });
  assert.throws(() => read(`# ${'x'.repeat(1 << 20)}\n`), { code: 'CFG_FILE_UNREADABLE' });
});
