import { CONFIG_KEYS, envNameOf, type Option, SCHEMA } from '../config/schema.ts';

const COLUMNS = 100;
const INDENT = 28;

/** `deskwire --help`, `deskwire serve --help` */
export function serveHelp(): string {
  return `Deskwire shares a Linux desktop with many browsers at once, over HTTPS.

Usage
  deskwire [serve] [flags]        start a desktop and serve it
  deskwire user add NAME [flags]  manage who may use it: add, list, remove, passwd
  deskwire --version
  deskwire --help                 this text; also after every command

Flags of serve
${CONFIG_KEYS.map((key) => optionHelp(SCHEMA[key] as Option<unknown>)).join('')}${entry(
  '--config FILE',
  'YAML file of the same names: "port: 8443".',
  '$DESKWIRE_CONFIG',
)}
Each flag is also a key of the YAML file and an environment variable: --max-size is max-size there and
${envNameOf('max-size')} here. Flags win over the environment, the environment over the file.
The first owner's password is taken from DESKWIRE_OWNER_PASSWORD; without it, one is made and shown once.

Examples
  deskwire
  deskwire --port 0 --size 1920x1080 --run "xterm -maximized"
  deskwire --listen 0.0.0.0 --cert server.crt --key server.key
  deskwire --display :0 --kasmpasswd ~/.kasmpasswd
`;
}

/** `deskwire user --help` and after each of its commands. */
export function userHelp(): string {
  return `Manages who may use the desktop. A running server notices at once.

Usage
  deskwire user add NAME [--read] [--write] [--owner]
  deskwire user list
  deskwire user passwd NAME
  deskwire user remove NAME

Flags
${entry('--read', 'May see the desktop.')}${entry('--write', 'May use mouse and keyboard; brings --read.')}${entry(
  '--owner',
  'May use the developer API: manage users, measure, take screenshots.',
)}${optionHelp(SCHEMA.data)}${entry('--config FILE', 'YAML file, of which "data" is used here.', '$DESKWIRE_CONFIG')}
The password is asked for in the terminal, or is the first line of standard input. It is never a flag.

Examples
  deskwire user add fred --write
  printf %s "$PASSWORD" | deskwire user add ci --read --owner
  deskwire user passwd fred
`;
}

function optionHelp(option: Option<unknown>): string {
  const value = option.defaultHelp === undefined ? option.defaultValue({}) : undefined;
  const isNone = value === undefined || (Array.isArray(value) && value.length === 0);
  const text = option.defaultHelp ?? (isNone ? undefined : option.type.format(value as NonNullable<unknown>));
  return entry(`--${option.flag} ${option.type.placeholder}`, option.help, text);
}

/** A flag and its text, which is broken into lines beside it. */
function entry(flag: string, text: string, defaultText?: string): string {
  const words = (defaultText === undefined ? text : `${text} [${defaultText}]`).split(' ');
  const lines = [''];
  for (const word of words) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && INDENT + line.length + 1 + word.length > COLUMNS) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  const [first, ...others] = lines;
  const rest = others.map((line) => `${' '.repeat(INDENT)}${line}\n`).join('');
  return `${`  ${flag}`.padEnd(INDENT)}${first}\n${rest}`;
}
