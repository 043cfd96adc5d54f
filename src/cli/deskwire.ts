import { didYouMean } from '../config/closest.ts';
import { packageVersion } from '../config/package-version.ts';
import { CliError } from './errors.ts';
import { reportError } from './report-error.ts';
import { SIGNALS } from './shutdown.ts';

/** The command: which part of it is meant. */
async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args;
  if (command === '--version') process.stdout.write(`deskwire ${packageVersion()}\n`);
  else if (command === 'user') await user(rest);
  else if (command === undefined || command.startsWith('-')) await serve(args);
  else if (command === 'serve') await serve(rest);
  else {
    const guess = didYouMean(command, ['serve', 'user']);
    throw new CliError('CLI_UNKNOWN_COMMAND', `There is no command "${command}".${guess}`);
  }
}

/** The server is loaded only where it is meant to run, and managing users needs none of it. */
async function serve(args: readonly string[]): Promise<void> {
  // Until `serve` listens itself nothing has been started, so that a signal has nothing to end.
  const leave = () => process.exit(0);
  for (const signal of SIGNALS) process.on(signal, leave);
  const { serve } = await import('./serve.ts');
  const serving = serve(args);
  for (const signal of SIGNALS) process.off(signal, leave);
  await serving;
}

async function user(args: readonly string[]): Promise<void> {
  const { user } = await import('./user.ts');
  await user(args);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  // No log level is known here: `user` has none, and a server that has read its flags reports by itself.
  const { text, status } = reportError(error, 'unexpected');
  process.stderr.write(text);
  process.exitCode = status;
}
