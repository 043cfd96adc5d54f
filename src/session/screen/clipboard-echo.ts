import type { ClipboardContent } from '../../protocol/clipboard-content.ts';
import { decodeUtf8, encodeLatin1, encodeUtf8 } from '../../protocol/text.ts';

/** What is on the desktop's clipboard, as far as the session knows. */
export interface HeldContent {
  readonly content: ClipboardContent;
  /** When it came, in milliseconds of a clock that never goes back. */
  readonly atMs: number;
  /** Whether programs can paste it: its owner is there. */
  readonly isOwned: boolean;
}

/**
 * Milliseconds within which a program that copies the same content again is taken for a clipboard manager. parcellite
 * looks every 0.5 s. A larger value hides a user's second copy from viewers; with a smaller one, a viewer gets back what
 * it has just sent.
 */
const MANAGER_MS = 2000;

/**
 * Bytes of text of which other line ends and Latin-1 are compared too: some milliseconds. Longer texts are compared as
 * they are.
 */
const MOST_CONVERTED_BYTES = 1 << 20;

const CR = 0x0d;

/**
 * Whether a viewer's content is what the desktop has already, so that it changes nothing: a program keeps the clipboard
 * with all its forms. With `isLatin1`, the text came as Latin-1, with "?" for other characters.
 */
export const isEchoOfViewer = (
  held: HeldContent | undefined,
  content: ClipboardContent,
  isLatin1: boolean,
): boolean => held?.isOwned === true && isSameContent(held.content, content, isLatin1);

/**
 * Whether a program that copies has nothing new for viewers: a clipboard manager takes over what has just been copied, or
 * restores what a program left behind. A user who copies the same again later wants it to reach viewers again.
 */
export const isEchoOfProgram = (
  held: HeldContent | undefined,
  content: ClipboardContent,
  nowMs: number,
): boolean =>
  held !== undefined &&
  (!held.isOwned || nowMs - held.atMs < MANAGER_MS) &&
  isSameContent(held.content, content, false);

/** Whether `content` has no form that `held` lacks, and the same text; without text, the same picture. */
function isSameContent(held: ClipboardContent, content: ClipboardContent, isLatin1: boolean): boolean {
  if (content.size === 0 || [...content.keys()].some((format) => !held.has(format))) return false;
  const text = content.get('text');
  if (text) return isSameText(held.get('text')!, text, isLatin1);
  return [...content].every(([format, data]) => areEqual(held.get(format)!, data));
}

function isSameText(held: Uint8Array, text: Uint8Array, isLatin1: boolean): boolean {
  if (areEqual(held, text)) return true;
  if (Math.max(held.length, text.length) > MOST_CONVERTED_BYTES) return false;
  const hasCr = held.includes(CR) || text.includes(CR);
  if (!hasCr && !isLatin1) return false;
  const comparable = (bytes: Uint8Array): Uint8Array => {
    const lines = decodeUtf8(bytes).replace(/\r\n?/g, '\n');
    return isLatin1 ? encodeLatin1(lines) : encodeUtf8(lines);
  };
  return areEqual(comparable(held), comparable(text));
}

const areEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
