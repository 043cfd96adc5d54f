import type { FlagValues } from './connection.ts';
import type { FleetClient } from './fleet-client.ts';

export interface CommandContext {
  readonly client: FleetClient;
  readonly names: readonly string[];
  readonly values: FlagValues;
  /** The word of the command, such as `pause`. */
  readonly verb: string;
}

export interface CommandResult {
  /** For people. */
  readonly text: string;
  /** For programs, with `--json`. Undefined if `text` is for both. */
  readonly json?: unknown;
  /** What is not as it was asked for. */
  readonly fault?: string | undefined;
}

/** A command that calls a fleet. */
export interface OperatorCommand {
  /** Flags with a value that it takes, apart from those of all commands. */
  readonly flags?: readonly string[];
  /** Names that it takes. */
  readonly least: number;
  readonly most: number;
  /** Checks what was given, before the fleet is called. Throws CliError. */
  check?(names: readonly string[], values: FlagValues): void;
  run(context: CommandContext): Promise<CommandResult>;
}
