import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { clipboardRules } from './clipboard-settings.ts';
import { NO_DLP } from './dlp/read-dlp.ts';
import { CFG_ERRORS, type ConfigErrorCode } from './errors.ts';
import { CONFIG_FLAGS, CONFIG_SWITCHES, loadConfig } from './load-config.ts';
import type { Environment } from './option.ts';
import { parseFlags } from './parse-flags.ts';
import { CONFIG_KEYS, envNameOf, SCHEMA } from './schema.ts';
import { takeOwnerPassword } from './secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'deskwire-config-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'deskwire.yaml');

const load = (args: readonly string[], env: Environment = {}) =>
  loadConfig(
    parseFlags(args, { valued: CONFIG_FLAGS, switches: CONFIG_SWITCHES, plain: [] }).values,
    env,
    '/cwd',
  );
const configOf = (args: readonly string[], env?: Environment) => load(args, env).config;
const fromYaml = (yaml: string, args: readonly string[] = [], env: Environment = {}) => {
  writeFileSync(file, yaml);
  return configOf(['--config', file, ...args], env);
};
const throwsCode = (run: () => unknown, code: ConfigErrorCode, ...words: string[]) =>
  assert.throws(run, (error: Error & { code: string }) => {
    assert.equal(error.code, code, error.message);
    for (const word of words) assert.ok(error.message.includes(word), `"${word}" in: ${error.message}`);
    return true;
  });

test('without settings the configuration has the defaults', () => {
  assert.deepEqual(configOf([], { HOME: '/home/fred' }), {
    listen: [{ kind: 'tcp', host: '127.0.0.1', port: undefined }],
    port: 8443,
    insecureHttp: 'no',
    basePath: undefined,
    size: { width: 1680, height: 971 },
    maxSize: { width: 3840, height: 2160 },
    allowResize: true,
    dpi: undefined,
    gl: true,
    maxFps: 60,
    videoArea: 45,
    videoTime: 5,
    videoOutTime: 3,
    jpegVideoQuality: 5,
    maxVideoResolution: { width: 1920, height: 1080 },
    videoScaling: 'area',
    clipboardToClient: true,
    clipboardToClientSize: 10 << 20,
    clipboardPrimary: 'auto',
    clipboardToServer: true,
    clipboardToServerSize: 10 << 20,
    clipboardTypes: ['text', 'html', 'png'],
    clipboardDelay: 0,
    display: undefined,
    run: undefined,
    desktopUser: undefined,
    environmentFile: undefined,
    data: '/home/fred/.local/share/deskwire',
    owner: undefined,
    ownerPasswordFile: undefined,
    ownerPasswordFd: undefined,
    cert: undefined,
    key: undefined,
    kasmpasswd: undefined,
    allowOrigin: [],
    trustProxy: [],
    trustUserHeader: undefined,
    edgeKeyFile: undefined,
    rfbPort: undefined,
    rfbSocket: undefined,
    vncPasswordFile: undefined,
    vncUser: undefined,
    tcpCongestion: undefined,
    maxConnections: 4096,
    maxConnectionsPerAddress: 1024,
    maxConnectRate: 100,
    maxViewers: 512,
    maxViewersPerUser: 256,
    maxViewersPerAddress: 256,
    sessionType: 'shared',
    exclusiveTakeOver: false,
    maxMemory: undefined,
    webhook: [],
    webhookEvents: [
      'viewer_joined',
      'viewer_left',
      'user_changed',
      'resized',
      'clipboard_changed',
      'bottleneck_crossed',
      'desktop_lost',
      'desktop_back',
    ],
    webhookSecretFile: undefined,
    auditLog: undefined,
    logLevel: 'info',
    dataLossPrevention: NO_DLP,
  });
});

test('the data folder is where XDG_DATA_HOME says', () => {
  assert.equal(configOf([], { XDG_DATA_HOME: '/xdg' }).data, '/xdg/deskwire');
  assert.equal(configOf([], { XDG_DATA_HOME: 'relative', HOME: '/h' }).data, '/h/.local/share/deskwire');
  assert.equal(configOf([]).data, join(homedir(), '.local/share/deskwire'));
});

test('flags override the environment, which overrides the file, which overrides the defaults', () => {
  const yaml =
    'port: 1\nsize: 100x101\nmax-fps: 10\nowner: 007\nallow-origin: [https://a.example, "http://b:81"]\n';
  const env = { DESKWIRE_PORT: '2', DESKWIRE_SIZE: '200x201', DESKWIRE_RUN: '', UNRELATED: 'x' };
  const config = fromYaml(yaml, ['--port', '3', '--port', '4'], env);
  assert.deepEqual([config.port, config.size, config.maxFps], [4, { width: 200, height: 201 }, 10]);
  assert.equal(config.owner, '007', 'the value as written');
  assert.equal(config.run, undefined, 'an empty variable counts as not set');
  assert.deepEqual(config.allowOrigin, ['https://a.example', 'http://b:81']);
  assert.equal(configOf([], { DESKWIRE_CONFIG: file }).port, 1);
});

test('every option can be a flag, a variable and a key, with the same result', () => {
  const examples = {
    listen: '[::1]:80,unix:/run/desk.sock',
    port: '0',
    'insecure-http': 'yes',
    'base-path': '/desk',
    size: '640x480',
    'max-size': '5000x5000',
    'allow-resize': 'false',
    dpi: '144',
    gl: 'no',
    'max-fps': '25',
    'video-area': '70',
    'video-time': '0',
    'video-out-time': '9',
    'jpeg-video-quality': '7',
    'max-video-resolution': '1280x720',
    'video-scaling': 'nearest',
    'clipboard-to-client': 'false',
    'clipboard-to-client-size': '1000',
    'clipboard-primary': 'true',
    'clipboard-to-server': 'FALSE',
    'clipboard-to-server-size': 'unlimited',
    'clipboard-types': 'image/png',
    'clipboard-delay': '500',
    display: ':7',
    run: 'xterm -e "a; b"',
    'desktop-user': 'ann',
    'environment-file': '/e',
    data: '/d',
    owner: 'fred',
    'owner-password-file': '/secret',
    'owner-password-fd': '3',
    cert: '/c',
    key: '/k',
    kasmpasswd: '/p',
    'allow-origin': 'https://x.example',
    'trust-proxy': '10.0.0.1,::1',
    'trust-user-header': 'X-Remote-User',
    'edge-key-file': '/etc/edge.key',
    'rfb-port': '5900',
    'rfb-socket': '/run/desk.sock',
    'vnc-password-file': '/etc/vnc',
    'vnc-user': 'wall',
    'tcp-congestion': 'bbr',
    'max-connections': '100',
    'max-connections-per-address': '50',
    'max-connect-rate': '40',
    'max-viewers': '30',
    'max-viewers-per-user': '20',
    'max-viewers-per-address': '10',
    'session-type': 'exclusive',
    'exclusive-take-over': 'true',
    'max-memory': '1000',
    webhook: 'https://hooks.example/desk?key=1',
    'webhook-events': 'desktop_lost,desktop_back',
    'webhook-secret-file': '/run/secret',
    'audit-log': '/a',
    'log-level': 'debug',
  };
  assert.deepEqual(
    Object.keys(examples),
    CONFIG_KEYS.map((key) => SCHEMA[key].flag),
  );
  const entries = Object.entries(examples);
  const byFlags = configOf(entries.flatMap(([flag, text]) => [`--${flag}`, text]));
  const byEnv = configOf([], Object.fromEntries(entries.map(([flag, text]) => [envNameOf(flag), text])));
  const byFile = fromYaml(entries.map(([flag, text]) => `${flag}: ${JSON.stringify(text)}\n`).join(''));
  assert.deepEqual(byEnv, byFlags);
  assert.deepEqual(byFile, byFlags);
  for (const key of CONFIG_KEYS) assert.notDeepEqual(byFlags[key], configOf([])[key], key);
});

test('the clipboard can be set with the names of KasmVNC, below a key of its own', () => {
  const config = fromYaml(`clipboard:
  delay_between_operations: 20
  allow_mimetypes: [text/html, chromium/x-web-custom-data]
  server_to_client: {enabled: false, size: 5, primary_clipboard_enabled: true}
  client_to_server:
    enabled: false
    size: unlimited
`);
  assert.deepEqual(clipboardRules(config), {
    delayMs: 20,
    formats: ['text', 'html'],
    toClient: { isEnabled: false, mostBytes: 5 },
    primary: 'always',
    toServer: { isEnabled: false, mostBytes: 16 << 20 },
  });
  assert.deepEqual(fromYaml('clipboard:\n  server_to_client:\n'), fromYaml(''));
  for (const [yaml, code, message] of [
    ['clipboard: {server_to_client: {sise: 1}}', 'CFG_UNKNOWN_KEY', /clipboard\.server_to_client\.size/],
    ['clipboard: {client_to_server: {size: 99999999}}', 'CFG_BAD_VALUE', /up to that/],
    ['clipboard: yes', 'CFG_UNKNOWN_KEY', /clipboard/],
    ['clipboard-types: [text]', 'CFG_BAD_VALUE', /MIME/],
  ] as const)
    assert.throws(() => fromYaml(yaml), { code, message });
});

test('paths in the file are relative to the file, and other paths to the working folder', () => {
  assert.equal(fromYaml('data: users').data, join(folder, 'users'));
  assert.equal(fromYaml('data: users', ['--data', 'here']).data, '/cwd/here');
  assert.equal(configOf([], { DESKWIRE_KASMPASSWD: '../p' }).kasmpasswd, '/p');
});

test('repeated list flags add up', () => {
  assert.deepEqual(configOf(['--trust-proxy', '10.0.0.1', '--trust-proxy', '::1,10.0.0.2']).trustProxy, [
    '10.0.0.1',
    '::1',
    '10.0.0.2',
  ]);
  assert.deepEqual(configOf(['--trust-proxy', '10.0.0.0/8, fd00::/8,::/0']).trustProxy, [
    '10.0.0.0/8',
    'fd00::/8',
    '::/0',
  ]);
});

test('the error for a wrong value names its source and what is allowed', () => {
  const wrong: [string, string[]][] = [
    ['port', ['-1', '65536', '80a', '1.5', '1e3', '']],
    ['size', ['1680', '1680x', 'x971', '0x0', '63x64', '64x16385', '1680x971x2']],
    ['allow-resize', ['never', '2', '']],
    ['dpi', ['47', '481', '96.5']],
    ['gl', ['maybe']],
    ['max-fps', ['0', '61', 'fast']],
    ['video-area', ['0', '101', '45%']],
    ['video-time', ['-1', '101', '5s']],
    ['video-out-time', ['0', '101']],
    ['jpeg-video-quality', ['10', '-1']],
    ['max-video-resolution', ['1080p', '1920', '63x64']],
    ['video-scaling', ['bilinear', '']],
    ['display', ['7', ':', 'host:1', ':a']],
    ['listen', ['', 'a b', '1.2.3', '1.2.3.4.5', 'a/b']],
    ['run', ['', ' ']],
    ['allow-origin', ['x', 'https://a.example/path', 'ftp://a', '']],
    ['trust-proxy', ['proxy', '10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', '/8', '']],
    ['log-level', ['verbose', 'Info', '']],
  ];
  for (const [flag, texts] of wrong)
    for (const text of texts) {
      throwsCode(() => configOf([`--${flag}=${text}`]), 'CFG_BAD_VALUE', `--${flag}: "${text}"`, 'must be');
      if (text === '') continue;
      throwsCode(() => configOf([], { [envNameOf(flag)]: text }), 'CFG_BAD_VALUE', envNameOf(flag));
      const yaml = `# first line\n${flag}: ${JSON.stringify(text)}\n`;
      throwsCode(() => fromYaml(yaml), 'CFG_BAD_VALUE', `${file}, line 2, column 1: ${flag}`);
    }
  for (const yaml of ['run:\n', 'run: {a: b}\n', 'allow-origin: [[x]]\n', 'allow-origin: &a [*a]\n'])
    throwsCode(() => fromYaml(yaml), 'CFG_BAD_VALUE', 'line 1');
});

test('the error for a broken file or an unknown key names the place', () => {
  throwsCode(() => fromYaml('port: 1\nsize: "640x480\n'), 'CFG_YAML_BROKEN', `${file}, line 3`);
  throwsCode(() => fromYaml('port: 1\n  size: 640x480\n'), 'CFG_YAML_BROKEN', 'line 1');
  throwsCode(() => fromYaml('port: 1\nport: 2\n'), 'CFG_YAML_BROKEN', 'line 2, column 1');
  throwsCode(() => fromYaml('- port\n'), 'CFG_YAML_BROKEN', 'line 1');
  throwsCode(() => fromYaml('just text'), 'CFG_YAML_BROKEN', 'line 1');
  throwsCode(() => fromYaml('port: 1\n? {a: b}\n: c\n'), 'CFG_YAML_BROKEN', 'line 2, column 3');
  // Each level of keys within keys would double the time of an error that shows the key.
  throwsCode(() => fromYaml('? '.repeat(300)), 'CFG_YAML_BROKEN', 'a key must be a text');
  throwsCode(
    () => fromYaml('port: 1\nmaxsize: 1x1\n'),
    'CFG_UNKNOWN_KEY',
    'line 2, column 1',
    '"maxsize"',
    'max-size?',
  );
  throwsCode(() => fromYaml('__proto__: 1\n'), 'CFG_UNKNOWN_KEY', '__proto__');
  throwsCode(() => configOf(['--config', 'missing.yaml']), 'CFG_FILE_UNREADABLE', '/cwd/missing.yaml');
  assert.equal(fromYaml('owner: &a fred\nrun: *a\n').run, 'fred');
  assert.equal(fromYaml('').port, 8443);
  assert.equal(fromYaml('# nothing\n---\n').port, 8443);
});

test('any file gives a configuration or a ConfigError', () => {
  const text = fc.oneof(
    fc.string(),
    fc
      .array(fc.constantFrom('port', 'size', ': ', '\n', '- ', '[', '&a ', '*a', '"', '1', '{'))
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (yaml) => {
      try {
        fromYaml(yaml);
      } catch (error) {
        assert.ok(
          error instanceof Error && 'code' in error && String(error.code) in CFG_ERRORS,
          String(error),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test('the largest size is at least the size, and its default grows with it', () => {
  throwsCode(
    () => configOf(['--size', '800x600', '--max-size', '700x900']),
    'CFG_MAX_SIZE_TOO_SMALL',
    '--max-size',
  );
  assert.deepEqual(configOf(['--size', '800x600', '--max-size', '800x600']).maxSize, {
    width: 800,
    height: 600,
  });
  assert.deepEqual(configOf(['--size', '5120x1440']).maxSize, { width: 5120, height: 2160 });
});

test('a certificate needs its key, and a key its certificate', () => {
  throwsCode(() => configOf(['--cert', 'c']), 'CFG_CERT_WITHOUT_KEY', '--cert', 'key');
  throwsCode(() => configOf([], { DESKWIRE_KEY: 'k' }), 'CFG_CERT_WITHOUT_KEY', 'DESKWIRE_KEY', 'cert');
  assert.equal(configOf(['--cert', 'c'], { DESKWIRE_KEY: 'k' }).key, '/cwd/k');
});

test('an unknown DESKWIRE_ variable causes a warning', () => {
  const { warnings } = load([], { DESKWIRE_PROT: '1', DESKWIRE_OWNER_PASSWORD: 'x', DESKWIRE_CONFIG: '' });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /^DESKWIRE_PROT .* Did you mean DESKWIRE_PORT\?$/);
});

test("the owner's password is removed from the environment", () => {
  const env: Record<string, string | undefined> = { DESKWIRE_OWNER_PASSWORD: 'x', OTHER: 'y' };
  assert.equal(takeOwnerPassword(env), 'x');
  assert.deepEqual(env, { OTHER: 'y' });
  assert.equal(takeOwnerPassword(env), undefined);
  assert.equal(takeOwnerPassword({ DESKWIRE_OWNER_PASSWORD: '' }), undefined);
});

test('--listen may be repeated, and plain HTTP is refused where others can read it, unless that is said', () => {
  const { listen } = configOf(['--listen', '127.0.0.1', '--listen', '[::1]:9443,unix:/run/desk.sock']);
  assert.deepEqual(listen, [
    { kind: 'tcp', host: '127.0.0.1', port: undefined },
    { kind: 'tcp', host: '::1', port: 9443 },
    { kind: 'unix', path: '/run/desk.sock' },
  ]);
  for (const args of [['--insecure-http'], ['--insecure-http', '--port', '1'], ['--insecure-http=true']])
    assert.equal(configOf(args).insecureHttp, 'local');
  assert.equal(configOf([], { DESKWIRE_INSECURE_HTTP: '1' }).insecureHttp, 'local');
  const open = ['--listen', '127.0.0.1,0.0.0.0', '--insecure-http'];
  throwsCode(() => configOf(open), 'CFG_INSECURE_ADDRESS', '0.0.0.0', '--insecure-http=everywhere');
  assert.equal(configOf([...open.slice(0, 2), '--insecure-http=everywhere']).insecureHttp, 'everywhere');
  assert.equal(configOf([...open.slice(0, 2), '--insecure-http', 'no']).insecureHttp, 'no');
  throwsCode(() => configOf(['--listen', 'unix:desk.sock']), 'CFG_BAD_VALUE', 'absolute path');
});

test('a header that names users needs a proxy that may send it, and the base path is a path of its own', () => {
  const header = ['--trust-user-header', 'X-Remote-User'];
  throwsCode(() => configOf(header), 'CFG_USER_HEADER_WITHOUT_PROXY', '--trust-proxy');
  assert.equal(configOf([...header, '--trust-proxy', '10.0.0.1']).trustUserHeader, 'X-Remote-User');
  assert.equal(configOf([...header, '--listen', 'unix:/s']).trustUserHeader, 'X-Remote-User');
  const names = ['X-Forwarded-User', 'X-Forwarded-Preferred-Username', 'X-authentik-username'];
  for (const good of ['Remote-User', ...names])
    assert.equal(
      configOf([...header, '--trust-proxy', '::1', '--trust-user-header', good]).trustUserHeader,
      good,
    );
  for (const bad of [
    'Authorization',
    'cookie',
    'X-Forwarded-For',
    'X-Forwarded-Proto',
    'x-real-ip',
    'a b',
    '',
  ])
    throwsCode(() => configOf([...header, '--trust-user-header', bad]), 'CFG_BAD_VALUE');
  assert.equal(configOf(['--base-path', '/user/ada/desk/']).basePath, '/user/ada/desk');
  for (const bad of ['desk', '/', '/a//b', '/a/../b', '/a?b', '/"', '/api', '/ticket/x'])
    throwsCode(() => configOf(['--base-path', bad]), 'CFG_BAD_VALUE');
});
