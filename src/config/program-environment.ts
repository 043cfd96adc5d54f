import { readRegularFile } from '../common/read-regular-file.ts';
import { ConfigError } from './errors.ts';

/** Further variables of the desktop's programs, which the server itself does not get. */
export type ProgramEnvironment = Readonly<Record<string, string>>;

/** A larger number takes memory of the fleet's store for each desktop. */
export const MAX_VARIABLES = 64;
export const MAX_VARIABLE_NAME = 128;
/** Bytes of all names and values together. */
export const MAX_VARIABLE_BYTES = 16 * 1024;

/** Bytes of a file that has so many: in JSON a byte may take six characters. */
const MAX_FILE_BYTES = 8 * MAX_VARIABLE_BYTES;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Variables that would act on more than the programs: on the loader and the C library of the tools that start them with
 * other rights (ld.so(8), "secure-execution mode"), and on Node.js. And those that the desktop sets itself.
 */
const OF_TOOLS = /^(LD_.*|GLIBC_.*|MALLOC_.*|GCONV_PATH|GETCONF_DIR|LOCPATH|NLSPATH|NODE_.*|DESKWIRE_.*)$/;
const OF_DESKTOP = /^(DISPLAY|XAUTHORITY|XDG_RUNTIME_DIR|HOME|USER|LOGNAME|SHELL)$/;

/** Says what is wrong with such variables. Undefined if nothing is. Never has a value in it, which may be a secret. */
export function environmentFault(environment: ProgramEnvironment): string | undefined {
  const entries = Object.entries(environment);
  if (entries.length > MAX_VARIABLES) return `There may be ${MAX_VARIABLES} variables.`;
  let bytes = 0;
  for (const [name, value] of entries) {
    if (name.length > MAX_VARIABLE_NAME || !NAME.test(name))
      return 'The name of a variable has letters, digits and underscores, and no digit first.';
    if (OF_TOOLS.test(name)) return `${name} may not be set: it would act on more than the programs.`;
    if (OF_DESKTOP.test(name)) return `${name} may not be set: the desktop sets it.`;
    if (value.includes('\0') || !value.isWellFormed()) return `The value of ${name} is no text.`;
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  return bytes > MAX_VARIABLE_BYTES
    ? `All names and values together may have ${MAX_VARIABLE_BYTES} bytes.`
    : undefined;
}

/** Reads the file with these variables, a JSON object. None without a file. Throws ConfigError. */
export function readProgramEnvironment(file: string | undefined): ProgramEnvironment {
  if (file === undefined) return {};
  let environment: unknown;
  try {
    const found = readRegularFile(file, MAX_FILE_BYTES);
    if (found.kind !== 'text') throw new Error(`it is ${found.kind}`);
    environment = JSON.parse(found.text);
  } catch (cause) {
    // The error of JSON.parse has a piece of the text in it.
    const why = cause instanceof SyntaxError ? 'it is not JSON' : (cause as Error).message;
    throw new ConfigError('CFG_ENVIRONMENT_FILE', `${file} cannot be read: ${why}.`);
  }
  if (!isEnvironment(environment))
    throw new ConfigError('CFG_ENVIRONMENT_FILE', `${file} is no JSON object of texts.`);
  const fault = environmentFault(environment);
  if (fault !== undefined) throw new ConfigError('CFG_ENVIRONMENT_FILE', `${file}: ${fault}`);
  return environment;
}

const isEnvironment = (value: unknown): value is ProgramEnvironment =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((text) => typeof text === 'string');
