import { ALL_SCOPES, describeScope } from '../accounts/scopes.ts';
import type { Option } from '../config/option.ts';
import { CONFIG_KEYS, envNameOf, SCHEMA } from '../config/schema.ts';
import { entry, optionHelp } from './help-entry.ts';

/** Text of `deskwire --help` and `deskwire serve --help`. */
export function serveHelp(): string {
  return `Deskwire shares a Linux desktop with many browsers at once, over HTTPS.

Usage
  deskwire [serve] [flags]        start a desktop and serve it
  deskwire fleet [flags]          run many desktops behind one port
  deskwire edge [flags]           one more way into a fleet
  deskwire host [flags]           run desktops of a fleet on this machine
  deskwire desktop --join [flags] run one desktop of a fleet, for Kubernetes and the like
  deskwire fleet status           ask a fleet how it is
  deskwire desktop list …         desktops of a fleet: list, create, pause, end, and more
  deskwire host list …            machines of a fleet: list, drain, undrain
  deskwire user add NAME [flags]  manage users: add, list, remove, passwd
  deskwire token create NAME …    manage bearer tokens of the API: create, list, revoke
  deskwire doctor [flags]         check everything that a start with these flags needs
  deskwire health [flags]         ask the server with these flags whether it works
  deskwire config --example       print a YAML file with every setting
  deskwire config --from-kasm FILE
                                  convert a kasmvnc.yaml
  deskwire --version
  deskwire --help                 print this text; also after every command

Flags of serve
${CONFIG_KEYS.map((key) => optionHelp(SCHEMA[key] as Option<unknown>)).join('')}${entry(
  '--config FILE',
  'YAML file with these settings: "port: 8443".',
  '$DESKWIRE_CONFIG',
)}
The YAML file can also have data_loss_prevention, with KasmVNC's keys: docs/data-loss-prevention.md.
Each flag is also a key of the YAML file and an environment variable: --max-size is max-size in the file
and ${envNameOf('max-size')} in the environment. Flags override the environment, which overrides the file.
The first owner's password comes from --owner-password-file, --owner-password-fd or the variable
DESKWIRE_OWNER_PASSWORD. Without one, the server generates a password and shows it once.

Examples
  deskwire
  deskwire --port 0 --size 1920x1080 --run "xterm -maximized"
  deskwire --listen 0.0.0.0 --cert server.crt --key server.key
  deskwire --display :0 --kasmpasswd ~/.kasmpasswd
  deskwire --listen unix:/run/deskwire/desk.sock --base-path /desk
`;
}

/** Text of `deskwire user --help`, also after each of its commands. */
export function userHelp(): string {
  return `Manages the users of the desktop. A running server applies every change at once.

Usage
  deskwire user add NAME [--read] [--write] [--owner]
  deskwire user list
  deskwire user passwd NAME
  deskwire user remove NAME

Flags
${entry('--read', 'May see the desktop.')}${entry('--write', 'May use mouse, keyboard and clipboard; includes --read.')}${entry(
  '--owner',
  'May call the developer API: manage users, measure, take screenshots.',
)}${optionHelp(SCHEMA.data)}${optionHelp(SCHEMA.auditLog)}${entry('--config FILE', 'YAML file, of which only "data" and "audit-log" are used.', '$DESKWIRE_CONFIG')}
The command asks for the password in the terminal, or reads the first line of standard input.

Examples
  deskwire user add fred --write
  printf %s "$PASSWORD" | deskwire user add ci --read --owner
  deskwire user passwd fred
`;
}

/** Text of `deskwire token --help`, also after each of its commands. */
export function tokenHelp(): string {
  return `Manages the bearer tokens with which programs call the API. A running server applies every change at once.

Usage
  deskwire token create NAME --user USER --scope SCOPE [--scope SCOPE …] [--expires TIME]
  deskwire token list
  deskwire token revoke ID

Flags
${entry('--user USER', 'Whose token it is. It never has more than the rights of this user, and ends with the user’s password.')}${entry(
  '--scope SCOPE',
  'What it is good for. Can be given more than once, or as a list with commas.',
)}${entry('--expires TIME', 'How long it is valid: a number and s, m, h or d.', '90d')}${optionHelp(SCHEMA.data)}${optionHelp(SCHEMA.auditLog)}${entry('--config FILE', 'YAML file, of which only "data" and "audit-log" are used.', '$DESKWIRE_CONFIG')}
Scopes
${ALL_SCOPES.map((scope) => entry(scope, describeScope(scope))).join('')}
The command prints the token to standard output, once. It is not kept.

Examples
  TOKEN=$(deskwire token create prometheus --user ada --scope stats)
  curl --cacert cert.pem -H "Authorization: Bearer $TOKEN" https://127.0.0.1:8443/api/get_bottleneck_stats
  deskwire token list
  deskwire token revoke 0123456789abcdef
`;
}

/** Text of `deskwire doctor --help`. */
export function doctorHelp(): string {
  return `Checks everything that a start needs, and says what to do. Changes nothing.

Usage
  deskwire doctor [flags of serve]

Flags
${entry('--json', 'Print an object with "ok" and the list "findings": check, outcome (ok, warning, failed), detail, remedy.')}
It takes the flags, the environment and the file of deskwire serve. The exit status is 0 if the server
can start, 1 if it cannot, and 2 if the command line cannot be understood.

Examples
  deskwire doctor
  deskwire doctor --config /etc/deskwire/deskwire.yaml --json
`;
}

/** Text of `deskwire health --help`. */
export function healthHelp(): string {
  return `Asks the server on this machine whether its desktop answers: /readyz at --listen and --port.

Usage
  deskwire health [flags of serve]

It takes the flags, the environment and the file of deskwire serve. The exit status is 0 if the desktop
answers, and 1 if not. Health checks of containers use it.
`;
}

/** Text of `deskwire config --help`. */
export function configHelp(): string {
  return `Writes a configuration: one with every setting, or that of KasmVNC, converted.

Usage
  deskwire config --example
  deskwire config --from-kasm FILE

With --example, the command writes a YAML file with every setting, its meaning and its default to
standard output. All settings are commented out.

With --from-kasm, the command writes a YAML file for Deskwire to standard output. It writes to standard error which
keys it has taken, and which not and why.

Examples
  deskwire config --example > deskwire.yaml
  deskwire config --from-kasm /etc/kasmvnc/kasmvnc.yaml > deskwire.yaml
`;
}
