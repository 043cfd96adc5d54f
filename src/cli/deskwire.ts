import { didYouMean } from '../config/closest.ts';
import { packageVersion } from '../config/package-version.ts';
import { CliError } from './errors.ts';
import { isHangupIgnored } from './hangup.ts';
import { reportError } from './report-error.ts';
import { MEANINGLESS_SIGNALS, SIGNALS } from './shutdown.ts';

const COMMANDS = ['serve', 'fleet', 'edge', 'desktop', 'host', 'user', 'token', 'config', 'doctor', 'health'];

/** Runs the part of the command that the arguments name. */
async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args;
  if (command === '--version') process.stdout.write(`deskwire ${packageVersion()}\n`);
  else if (command === 'user') await user(rest);
  else if (command === 'token') await token(rest);
  else if (command === 'config') (await import('./config.ts')).config(rest);
  else if (command === 'doctor') await doctor(rest);
  else if (command === 'health') await health(rest);
  else if (command === 'fleet' && isWord(rest[0])) await operate('fleet', rest);
  else if (command === 'fleet') await fleet(rest);
  else if (command === 'edge') await edge(rest);
  else if (command === 'host' && !isWord(rest[0])) await host(rest);
  else if (command === 'desktop' && rest.includes('--join')) await join(rest);
  else if (command === 'desktop' || command === 'host') await operate(command, rest);
  else if (command === undefined || command.startsWith('-')) await serve(args);
  else if (command === 'serve') await serve(rest);
  else {
    const guess = didYouMean(command, COMMANDS);
    throw new CliError('CLI_UNKNOWN_COMMAND', `There is no command "${command}".${guess}`);
  }
}

/** Whether an argument is a command behind the first one, and no flag: `deskwire fleet status`. */
const isWord = (arg: string | undefined): boolean => arg !== undefined && !arg.startsWith('-');

/** Loads and runs the server. Only this command loads it, because managing users does not need it. */
const serve = (args: readonly string[]): Promise<void> =>
  runServer(async () => {
    const { serve } = await import('./serve.ts');
    return () => serve(args);
  });

const fleet = (args: readonly string[]): Promise<void> =>
  runServer(async () => {
    const { fleet } = await import('./fleet.ts');
    return () => fleet(args);
  });

const edge = (args: readonly string[]): Promise<void> =>
  runServer(async () => {
    const { edge } = await import('./edge.ts');
    return () => edge(args);
  });

const host = (args: readonly string[]): Promise<void> =>
  runServer(async () => {
    const { host } = await import('./host.ts');
    return () => host(args);
  });

const join = (args: readonly string[]): Promise<void> =>
  runServer(async () => {
    const { join } = await import('./join.ts');
    return () => join(args);
  });

async function runServer(load: () => Promise<() => Promise<void>>): Promise<void> {
  // Until the server handles signals itself, nothing has been started that a signal must end.
  const leave = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGHUP' || !isHangupIgnored(process.env)) process.exit(0);
  };
  for (const signal of SIGNALS) process.on(signal, leave);
  const run = await load();
  const running = run();
  for (const signal of SIGNALS) process.off(signal, leave);
  await running;
}

async function user(args: readonly string[]): Promise<void> {
  const { user } = await import('./user.ts');
  await user(args);
}

async function token(args: readonly string[]): Promise<void> {
  const { token } = await import('./token.ts');
  await token(args);
}

async function doctor(args: readonly string[]): Promise<void> {
  const { doctor } = await import('./doctor/doctor.ts');
  process.exitCode = await doctor(args);
}

async function health(args: readonly string[]): Promise<void> {
  const { health } = await import('./health.ts');
  process.exitCode = await health(args);
}

/** Runs a command for the operators of a fleet. */
async function operate(noun: 'desktop' | 'host' | 'fleet', args: readonly string[]): Promise<void> {
  const { operate } = await import('./operator/operate.ts');
  process.exitCode = await operate(noun, args);
}

for (const signal of MEANINGLESS_SIGNALS) process.on(signal, () => {});
try {
  await main(process.argv.slice(2));
} catch (error) {
  // The log level is not known here: `user` has none, and a server that has read its flags reports errors itself.
  const { text, status } = reportError(error, 'unexpected');
  process.stderr.write(text);
  process.exitCode = status;
}
