import type { Settings } from '../config.ts';

/** What becomes of one key of KasmVNC's file. */
export type KasmKey =
  /** Sets a setting. `convert` returns the text of its value, or undefined for a value that Deskwire has not. */
  | {
      readonly kind: 'setting';
      readonly setting: keyof Settings;
      readonly convert: (text: string, env: KasmEnvironment) => string | undefined;
    }
  /** One side of a setting that is a size. */
  | { readonly kind: 'side'; readonly setting: keyof Settings; readonly side: 'width' | 'height' }
  /** Deskwire always does what these values ask for. */
  | { readonly kind: 'same'; readonly values: readonly string[]; readonly otherwise: string }
  /** Deskwire has nothing like it. */
  | { readonly kind: 'none'; readonly why: string };

/** The environment in which KasmVNC's file is read. */
export type KasmEnvironment = Readonly<Record<string, string | undefined>>;

const asIs = (text: string): string => text;
const number = (text: string): string | undefined => (/^\d+$/.test(text) ? text : undefined);
const trueOrFalse = (text: string): string | undefined => (/^(true|false)$/.test(text) ? text : undefined);
const atLeast =
  (least: number) =>
  (text: string): string | undefined =>
    number(text) && String(Math.max(least, Number(text)));

/** A path with `${HOME}` or `~` at its start. Other variables are left to their owner. */
function pathOf(text: string, { HOME }: KasmEnvironment): string | undefined {
  const path = HOME ? text.replace(/^(\$\{HOME\}|~)(?=\/)/, HOME) : text;
  return /[$~]/.test(path) ? undefined : path;
}

const setting = (
  name: keyof Settings,
  convert: (text: string, env: KasmEnvironment) => string | undefined = asIs,
): KasmKey => ({ kind: 'setting', setting: name, convert });
const side = (name: keyof Settings, which: 'width' | 'height'): KasmKey => ({
  kind: 'side',
  setting: name,
  side: which,
});
const same = (values: readonly string[], otherwise: string): KasmKey => ({ kind: 'same', values, otherwise });
const none = (why: string): KasmKey => ({ kind: 'none', why });

const VIEWER = 'each viewer sets its own quality';
const NO_UDP = 'Deskwire sends everything over TCP';
const NO_VIDEO_LOG = 'get_bottleneck_stats and get_frame_stats report what viewers get';
const NO_PROMPT = 'nobody is asked whether a viewer may connect; session_type and the right to read decide';
const KEYS_AS_SENT = 'keys are played as the viewer sends them';

/** Keys of kasmvnc.yaml apart from `data_loss_prevention`. A path that ends with `*` stands for all below it. */
const KASM_KEYS: Readonly<Record<string, KasmKey>> = {
  'desktop.resolution.width': side('size', 'width'),
  'desktop.resolution.height': side('size', 'height'),
  'desktop.allow_resize': setting('allowResize', trueOrFalse),
  'desktop.pixel_depth': same(['24', '32'], 'the desktop has 24 bits per pixel'),
  'desktop.gpu.hw3d': same(['false'], 'the desktop has no GPU'),
  'desktop.gpu.*': none('the desktop has no GPU'),

  'network.protocol': same(['http'], 'viewers connect by WebSocket only'),
  'network.interface': setting('listen'),
  'network.websocket_port': setting('port', number),
  'network.use_ipv4': same(['true'], 'the address to listen on decides; see listen'),
  'network.use_ipv6': same(['true'], 'the address to listen on decides; see listen'),
  'network.udp.*': none(NO_UDP),
  'network.ssl.pem_certificate': setting('cert', pathOf),
  'network.ssl.pem_key': setting('key', pathOf),
  'network.ssl.require_ssl': same(['true'], 'only insecure-http takes TLS off'),
  'network.unix_relay.*': none('there are no relays'),

  'user_session.session_type': setting('sessionType', (text) =>
    /^(shared|exclusive)$/.test(text) ? text : undefined,
  ),
  'user_session.new_session_disconnects_existing_exclusive_session': setting(
    'exclusiveTakeOver',
    trueOrFalse,
  ),
  'user_session.concurrent_connections_prompt': same(['false'], NO_PROMPT),
  'user_session.concurrent_connections_prompt_timeout': none(NO_PROMPT),
  'user_session.idle_timeout': same(['never'], 'the desktop ends with the server'),

  'keyboard.remap_keys': none(KEYS_AS_SENT),
  'keyboard.ignore_numlock': same(['false'], KEYS_AS_SENT),
  'keyboard.raw_keyboard': none('the physical key is used when the viewer names it'),
  'pointer.enabled': same(['true'], 'remove the right to write instead'),

  'runtime_configuration.allow_client_to_override_kasm_server_settings': none(
    'viewers set their quality, and can never override data_loss_prevention',
  ),
  'runtime_configuration.*': none('viewers can never override data_loss_prevention'),

  'logging.*': none('see log-level'),
  'security.brute_force_protection.*': none('wrong passwords are always slowed down'),

  'encoding.max_frame_rate': setting(
    'maxFps',
    (text) => number(text) && String(Math.min(60, Math.max(1, Number(text)))),
  ),
  'encoding.full_frame_updates': same(['none'], NO_UDP),
  'encoding.rect_encoding_mode.rectangle_compress_threads': same(['auto'], 'there is a thread for each core'),
  'encoding.rect_encoding_mode.*': none(VIEWER),
  'encoding.video_encoding_mode.jpeg_quality': setting('jpegVideoQuality', number),
  'encoding.video_encoding_mode.webp_quality': none(VIEWER),
  'encoding.video_encoding_mode.webp_encoding_time': same(['auto'], VIEWER),
  'encoding.video_encoding_mode.max_resolution.width': side('maxVideoResolution', 'width'),
  'encoding.video_encoding_mode.max_resolution.height': side('maxVideoResolution', 'height'),
  'encoding.video_encoding_mode.enter_video_encoding_mode.time_threshold': setting('videoTime', number),
  'encoding.video_encoding_mode.enter_video_encoding_mode.area_threshold': setting('videoArea', (text) =>
    number(text.replace(/%$/, '')),
  ),
  'encoding.video_encoding_mode.exit_video_encoding_mode.time_threshold': setting('videoOutTime', atLeast(1)),
  'encoding.video_encoding_mode.logging.level': same(['off'], NO_VIDEO_LOG),
  'encoding.video_encoding_mode.scaling_algorithm': setting('videoScaling', (text) =>
    text === 'nearest' ? 'nearest' : /^(progressive_)?bilinear$/.test(text) ? 'area' : undefined,
  ),
  'encoding.*': none('Deskwire chooses by the content'),

  'server.http.*': none('the page and its headers are part of Deskwire'),
  'server.advanced.kasm_password_file': setting('kasmpasswd', pathOf),
  'server.advanced.*': none('the X server is set up by Deskwire'),
  'server.auto_shutdown.*': none('the desktop ends with the server'),
  'command_line.*': none('the command asks only for passwords'),
};

/** What becomes of the key with this path; undefined if KasmVNC has no such key that is known here. */
export function kasmKeyOf(path: readonly string[]): KasmKey | undefined {
  const whole = path.join('.');
  if (Object.hasOwn(KASM_KEYS, whole)) return KASM_KEYS[whole];
  for (let length = path.length - 1; length > 0; length--) {
    const heading = `${path.slice(0, length).join('.')}.*`;
    if (Object.hasOwn(KASM_KEYS, heading)) return KASM_KEYS[heading];
  }
  return undefined;
}
