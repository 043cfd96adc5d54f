import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Config } from '../config.ts';
import { loadConfig } from '../load-config.ts';
import { readYamlFile } from '../yaml-file.ts';
import { type FromKasm, fromKasm } from './from-kasm.ts';

const folder = mkdtempSync(join(tmpdir(), 'deskwire-kasm-'));
after(() => rmSync(folder, { recursive: true }));

/** Converts a kasmvnc.yaml, and loads the result as Deskwire does. */
function convert(yaml: string): FromKasm & { config: Config; of: (key: string) => string | undefined } {
  const file = join(folder, 'kasmvnc.yaml');
  writeFileSync(file, yaml);
  const result = fromKasm(readYamlFile(file), { HOME: '/home/fred' });
  const converted = join(folder, 'deskwire.yaml');
  writeFileSync(converted, result.yaml);
  const { config } = loadConfig(new Map([['config', [converted]]]), {}, '/cwd');
  const of = (key: string) => result.entries.find((entry) => entry.key === key)?.outcome;
  return { ...result, config, of };
}

test('settings of KasmVNC become those of Deskwire', () => {
  const { config, of } = convert(`
desktop: {resolution: {width: 1280, height: 720}, allow_resize: false}
network:
  interface: 0.0.0.0
  websocket_port: 6901
  ssl: {pem_certificate: /etc/ssl/a.pem, pem_key: '\${HOME}/a.key', require_ssl: true}
encoding:
  max_frame_rate: 120
  video_encoding_mode:
    jpeg_quality: 3
    max_resolution: {width: 1280, height: 800}
    enter_video_encoding_mode: {time_threshold: 4, area_threshold: 30%}
    exit_video_encoding_mode: {time_threshold: 0}
    scaling_algorithm: progressive_bilinear
server: {advanced: {kasm_password_file: ~/.kasmpasswd}}
`);
  assert.deepEqual(config.size, { width: 1280, height: 720 });
  assert.deepEqual(config.listen, [{ kind: 'tcp', host: '0.0.0.0', port: undefined }]);
  assert.deepEqual([config.port, config.maxFps], [6901, 60]);
  assert.deepEqual([config.cert, config.key], ['/etc/ssl/a.pem', '/home/fred/a.key']);
  assert.deepEqual([config.jpegVideoQuality, config.videoTime, config.videoArea], [3, 4, 30]);
  assert.deepEqual([config.videoOutTime, config.videoScaling], [1, 'area']);
  assert.deepEqual(config.maxVideoResolution, { width: 1280, height: 800 });
  assert.equal(config.kasmpasswd, '/home/fred/.kasmpasswd');
  assert.equal(config.allowResize, false);
  assert.equal(of('network.ssl.require_ssl'), 'same');
});

test('the data loss prevention of KasmVNC is taken over as it is', () => {
  const { config, entries, yaml } = convert(`
data_loss_prevention:
  visible_region: {top: 10, left: 10%, right: -40, concealed_region: {allow_click_down: true}}
  clipboard:
    allow_mimetypes: [text/html, image/png]
    server_to_client: {enabled: false, primary_clipboard_enabled: false}
    client_to_server: {size: 100}
  keyboard: {rate_limit: 30}
  watermark: {tint: '255,20,20,128', text: {template: '\${USER} %H:%M', font_size: 20}}
  logging: {level: verbose}
`);
  const { forAll } = config.dataLossPrevention;
  assert.ok(
    entries.every(({ outcome }) => outcome === 'taken'),
    JSON.stringify(entries),
  );
  const noteOf = (name: string) => entries.find(({ key }) => key === `data_loss_prevention.${name}`)?.note;
  assert.match(noteOf('clipboard.allow_mimetypes') ?? '', /only text\/html and image\/png/);
  assert.equal(noteOf('logging.level'), 'as info: contents are never logged');
  assert.equal(noteOf('keyboard.rate_limit'), 'as it is');
  assert.deepEqual(forAll.visibleRegion?.left, { kind: 'percent', percent: 10 });
  assert.equal(forAll.allowsPress, true);
  assert.equal(forAll.clipboard.toClient.isEnabled, false);
  assert.equal(forAll.clipboard.primary, 'never');
  assert.equal(forAll.clipboard.toServer.mostBytes, 100);
  assert.equal(forAll.keyboard.pressesPerSecond, 30);
  assert.deepEqual(forAll.watermark?.tint, { red: 255, green: 20, blue: 20, alpha: 128 });
  assert.equal(forAll.watermark?.content.kind, 'text');
  assert.equal(forAll.isLogged, true);
  assert.equal(yaml.match(/clipboard:/g)?.length, 1);
});

test('what is not taken is reported with a reason', () => {
  const { yaml, entries } = convert(`
network: {websocket_port: auto, protocol: vnc, udp: {public_ip: auto}}
encoding: {video_encoding_mode: {jpeg_quality: -1}}
data_loss_prevention:
  watermark: {text: {template: '\${KASM_USER_ID}'}}
  new_thing: 1
keyboard: {remap_keys: [0x22->0x40], other: 1}
desktop: {resolution: {width: 1, height: [[1]]}}
unknown: x
`);
  assert.equal(yaml, '');
  assert.deepEqual(
    entries.map(({ key, outcome }) => `${outcome}: ${key}`),
    [
      'network.websocket_port',
      'network.protocol',
      'network.udp.public_ip',
      'encoding.video_encoding_mode.jpeg_quality',
      'data_loss_prevention.watermark.text.template',
      'data_loss_prevention.new_thing',
      'keyboard.remap_keys',
      'keyboard.other',
      'desktop.resolution.width',
      'desktop.resolution.height',
      'unknown',
    ].map((key) => `not taken: ${key}`),
  );
  assert.ok(entries.every(({ note }) => note !== ''));
});

test('a value of a kasmvnc.yaml cannot add keys to the configuration', () => {
  const { config, yaml } = convert(
    'network: {interface: "localhost\\nport: 1"}\ndata_loss_prevention: {watermark: {text: {template: "x\\nport: 1"}}}\n',
  );
  assert.equal(config.port, 8443);
  assert.deepEqual(
    yaml.split('\n').filter((line) => line.startsWith('port')),
    [],
  );
});
