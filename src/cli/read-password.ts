import type { Readable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { CliError } from './errors.ts';

/** Longest line that is read, in bytes. Longer than any valid password, so that the rules refuse it. */
const MAX_LINE_BYTES = 64 * 1024;

const ENTER = /[\r\n]/;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const BACKSPACES = ['\u007f', '\b'];

type Input = NodeJS.ReadStream | ReadStream;

/** Reads a password from a terminal without echo. */
export async function readPassword(
  input: Input,
  prompts: { write(text: string): unknown },
  prompt: string,
): Promise<string> {
  input.setRawMode(true);
  try {
    const password = await readUnseen(input, prompts, prompt);
    if (password === '') throw new CliError('CLI_PASSWORD_MISSING', 'No password was typed.');
    return password;
  } finally {
    input.setRawMode(false);
  }
}

/** Reads a new password: typed twice without echo in a terminal, otherwise the first line of standard input. */
export async function readNewPassword(
  input: Input,
  prompts: { write(text: string): unknown },
): Promise<string> {
  if (input.isTTY !== true) return readLine(input);
  // From before the first prompt to after the last answer, so that nothing typed ahead is shown.
  input.setRawMode(true);
  try {
    const password = await readUnseen(input, prompts, 'Password: ');
    if (password === '') throw new CliError('CLI_PASSWORD_MISSING', 'No password was typed.');
    if ((await readUnseen(input, prompts, 'Again: ')) !== password)
      throw new CliError('CLI_PASSWORDS_DIFFER');
    return password;
  } finally {
    input.setRawMode(false);
  }
}

async function readLine(input: Input): Promise<string> {
  const password = await readFirstLine(input);
  if (password === '') throw new CliError('CLI_PASSWORD_MISSING');
  return password;
}

/** Reads the first line, without its end. It is cut off after MAX_LINE_BYTES. */
export async function readFirstLine(input: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of input) {
    const chunk = Buffer.from(part);
    parts.push(chunk);
    bytes += chunk.length;
    if (chunk.includes('\n') || bytes > MAX_LINE_BYTES) break;
  }
  const [line = ''] = Buffer.concat(parts).toString().split('\n');
  return line.replace(/\r$/, '');
}

/** Reads one line from a terminal in raw mode. Text behind the line, after a paste, is returned to `input`. */
function readUnseen(
  input: Input,
  prompts: { write(text: string): unknown },
  prompt: string,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed: string[] = [];
  const finish = (rest: string) => {
    input.off('data', onData);
    input.off('end', onEnd);
    input.pause();
    if (rest !== '') input.unshift(Buffer.from(rest));
    prompts.write('\n');
  };
  const onEnd = () => {
    finish('');
    resolve(typed.join(''));
  };
  const onData = (chunk: Buffer | string) => {
    const characters = [...chunk.toString()];
    for (const [index, character] of characters.entries()) {
      if (character === CTRL_C) {
        finish('');
        return reject(new CliError('CLI_INTERRUPTED'));
      }
      if (ENTER.test(character) || character === CTRL_D) {
        finish(characters.slice(index + 1).join(''));
        return resolve(typed.join(''));
      }
      if (BACKSPACES.includes(character)) typed.pop();
      else if (character === CTRL_U) typed = [];
      else typed.push(character);
    }
  };
  prompts.write(prompt);
  input.on('data', onData);
  input.on('end', onEnd);
  input.resume();
  return promise;
}
