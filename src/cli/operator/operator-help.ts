import { SCHEMA } from '../../config/schema.ts';
import { entry, optionHelp } from '../help-entry.ts';

const USAGE: Readonly<Record<string, string>> = {
  desktop: `Makes, shows, changes and ends desktops of a fleet. See docs/fleet.md.

Usage
  deskwire desktop list [--label KEY=VALUE] [--state STATE]
  deskwire desktop show NAME
  deskwire desktop create NAME… [flags of create]
  deskwire desktop create --file FILE
  deskwire desktop pause|resume|restart NAME…
  deskwire desktop end NAME…
  deskwire desktop end --label KEY=VALUE
  deskwire desktop logs NAME [--tail LINES]
`,
  host: `Shows the machines that run the desktops of a fleet. See docs/fleet.md.

Usage
  deskwire host list
  deskwire host drain NAME        give a machine no new desktops
  deskwire host undrain NAME      give it new ones again
`,
  fleet: `Asks a fleet how it is: its desktops by state, viewers, machines. See docs/fleet.md.

Usage
  deskwire fleet status
`,
};

const DESKTOP_FLAGS = `
Flags of create
${entry('--template NAME', 'Template whose fields the desktops get where they have none of their own.')}${entry(
  '--run COMMAND',
  'Shell command line to start in place of the usual desktop.',
)}${entry('--size WIDTHxHEIGHT', 'Size at the start.')}${entry(
  '--label KEY=VALUE',
  'Can be given more than once, also for list and end: desktops that have all of them.',
)}${entry('--environment-file FILE', "JSON file, an object of variables for the desktop's programs.")}${entry(
  '--memory MIB, --cpu PERCENT, --processes NUMBER',
  'What a desktop may take at most; CPU in percent of one core.',
)}${entry('--home KIND', 'kept, or temporary: emptied at each start.')}${entry(
  '--restart WHEN',
  'When a desktop ends by itself: never or here.',
)}${entry('--ttl SECONDS', 'Remove it after this time.')}${entry(
  '--idle-pause SECONDS, --idle-end SECONDS',
  'Pause or end it after this time without a viewer.',
)}${entry('--file FILE', 'JSON file with one desktop or a list, with the fields of the API; - is standard input.')}
Further flags
${entry('--wait SECONDS', 'Wait until the desktops are as they were asked for, 0 to 60.', '60')}${entry(
  '--tail LINES',
  'Last lines of the log.',
  '200',
)}`;

const CONNECTION = `
Where the fleet is, and who calls
${entry('--url URL', 'Address of the fleet.', '$DESKWIRE_URL')}${entry(
  '--ca FILE',
  'Certificates by which that of the fleet is trusted, such as its cert.pem.',
  '$DESKWIRE_CA',
)}${optionHelp({
  ...SCHEMA.data,
  help: 'Data folder of a fleet on this machine, which has both.',
})}${entry('--user NAME', 'User of the fleet.', '$DESKWIRE_USER')}${entry(
  '--password-file FILE',
  'File whose first line is the password. Else $DESKWIRE_PASSWORD has it, or it is asked for.',
)}${entry('--token-file FILE', 'File whose first line is a token, in place of a user.', '$DESKWIRE_TOKEN')}${entry(
  '--json',
  'Print the answer of the API.',
)}
The exit status is 0; 1 if the call was refused or a desktop is not as it was asked for; 2 if the command
line cannot be understood.
`;

const EXAMPLES: Readonly<Record<string, string>> = {
  desktop: `
Examples
  export DESKWIRE_USER=owner DESKWIRE_PASSWORD=…
  deskwire desktop create lab-1 lab-2 --label class=7b --memory 1024
  deskwire desktop list --label class=7b --json
  deskwire desktop end --label class=7b
`,
  host: '',
  fleet: '',
};

/** Text of `--help` of these commands. */
export function operatorHelp(noun: 'desktop' | 'host' | 'fleet'): string {
  return `${USAGE[noun]}${noun === 'desktop' ? DESKTOP_FLAGS : ''}${CONNECTION}${EXAMPLES[noun]}`;
}
