import assert from 'node:assert/strict';
import type { DesktopInput } from '../../src/desktop/desktop.ts';
import { bareDesktop, scratch, underOpenbox, until, x } from '../desktop/support.ts';
import type { TypingField } from './typing-fields.ts';

const RETURN = 0xff0d;
const LATIN1_LAST = 0xff;
const UNICODE_BASE = 0x0100_0000;

/** The keysym of a character, as viewers send it. */
function keysymOf(character: string): number {
  if (character === '\n') return RETURN;
  const codePoint = character.codePointAt(0)!;
  return codePoint <= LATIN1_LAST ? codePoint : UNICODE_BASE + codePoint;
}

export function tapAll(input: DesktopInput, text: string): void {
  for (const character of text) {
    input.key(keysymOf(character), true, 0);
    input.key(keysymOf(character), false, 0);
  }
}

/** `count` different Chinese characters from the n-th on. */
export const chinese = (count: number, n = 0): string =>
  String.fromCodePoint(...Array.from({ length: count }, (_, i) => 0x4e00 + n + i));

/** Milliseconds that a program may take to start and to get the focus. */
const START_MS = 60_000;
/** Milliseconds that typed text may take to arrive. */
const ARRIVAL_MS = 60_000;

/** A desktop with a program that takes text, which has the focus. */
export interface TypingDesktop extends AsyncDisposable {
  readonly env: NodeJS.ProcessEnv;
  readonly input: DesktopInput;
  open(): DesktopInput;
  /** What was typed and is still to be expected. */
  rest(): string;
  /** Expects nothing of what was typed so far. */
  skip(): void;
  /** Waits until the program has got `text` since the last call, and nothing else. */
  arrives(text: string): Promise<void>;
  /** Types text as a viewer does, and waits until it has arrived. */
  types(text: string): Promise<void>;
}

export async function typingDesktop<Field extends TypingField>(
  create: (folder: string) => Field | Promise<Field>,
): Promise<TypingDesktop & { readonly field: Field }> {
  const field = await create(scratch());
  const { desktop, env } = await bareDesktop({ run: underOpenbox(field.command) });
  const input = desktop.openInput();
  let seen = '';
  try {
    await until(() => field.typed() !== undefined, field.name, START_MS);
    await until(
      async () => {
        input.movePointer(200, 200);
        input.button(1, true);
        input.button(1, false);
        tapAll(input, 'x');
        await until(() => field.typed()!.length > 0, `a letter in ${field.name}`, 1000).catch(() => '');
        return field.typed()!.length > 0;
      },
      `the focus in ${field.name}`,
      START_MS,
    );
    // More than one may be on its way.
    tapAll(input, 'y');
    await until(() => field.typed()!.endsWith('y'), 'the last of the first letters');
    seen = field.typed()!;
  } catch (error) {
    field.close();
    await desktop.close();
    throw error;
  }
  const arrives = async (text: string): Promise<void> => {
    const isThere = (): boolean => field.typed()!.length >= seen.length + text.length;
    await until(isThere, text.slice(0, 40), ARRIVAL_MS).catch(() => undefined);
    const typed = field.typed()!.slice(seen.length);
    seen = field.typed()!;
    assert.equal(typed, text);
  };
  return {
    env,
    field,
    input,
    open: () => desktop.openInput(),
    rest: () => field.typed()!.slice(seen.length),
    skip: () => {
      seen = field.typed()!;
    },
    arrives,
    types: async (text) => {
      tapAll(input, text);
      await arrives(text);
    },
    [Symbol.asyncDispose]: async () => {
      field.close();
      await desktop.close();
    },
  };
}

/** Runs a program that types or changes the keyboard, in the desktop. */
export const inDesktop = ({ env }: TypingDesktop, command: string, ...args: string[]): Promise<string> =>
  x(env, command, ...args);
