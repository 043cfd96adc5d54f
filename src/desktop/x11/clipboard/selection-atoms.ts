import type { XConnection } from '../wire/connection.ts';

const NAMES = {
  clipboard: 'CLIPBOARD',
  targets: 'TARGETS',
  timestamp: 'TIMESTAMP',
  multiple: 'MULTIPLE',
  atomPair: 'ATOM_PAIR',
  utf8: 'UTF8_STRING',
  text: 'TEXT',
  incr: 'INCR',
  plain: 'text/plain',
  plainUtf8: 'text/plain;charset=utf-8',
  html: 'text/html',
  png: 'image/png',
  // Targets that tell of a clipboard: see tellsOfClipboard.
  plainUtf8Upper: 'text/plain;charset=UTF-8',
  saveTargets: 'SAVE_TARGETS',
  tkWindow: 'TK_WINDOW',
  vimText: '_VIM_TEXT',
} as const;

/** Atoms that every X server has, with their numbers in X11/Xatom.h. */
const STANDARD = { primary: 1, atom: 4, integer: 19, string: 31 } as const;

export type SelectionAtoms = Record<keyof typeof NAMES, number> & typeof STANDARD;

/** Looks up the atoms that the clipboard needs. */
export async function selectionAtoms(x: XConnection): Promise<SelectionAtoms> {
  const entries = Object.entries(NAMES).map(async ([key, name]) => [key, await x.atom(name)] as const);
  const atoms = Object.fromEntries(await Promise.all(entries)) as Record<keyof typeof NAMES, number>;
  return { ...STANDARD, ...atoms };
}
