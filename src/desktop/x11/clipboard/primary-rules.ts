import type { SelectionAtoms } from './selection-atoms.ts';

// CLIPBOARD is what users copied, PRIMARY is what they marked (decision 39).

/**
 * Whether a program that offers marked text in these targets has a CLIPBOARD too, so that its users can copy. Toolkits
 * that have one offer text by its MIME type (GTK, Qt, Chromium, Firefox, LibreOffice, Java, Emacs), or have a target of
 * their own (Tk, Vim). xterm, rxvt, st and other programs of the X Toolkit offer neither.
 */
export function tellsOfClipboard(targets: readonly number[], atoms: SelectionAtoms): boolean {
  const { plain, plainUtf8, plainUtf8Upper, saveTargets, tkWindow, vimText } = atoms;
  return [plain, plainUtf8, plainUtf8Upper, saveTargets, tkWindow, vimText].some((atom) =>
    targets.includes(atom),
  );
}

/** What is known when a viewer's text may become PRIMARY. */
export interface PrimaryFacts {
  /** Window that owns PRIMARY; 0 if none does. */
  readonly owner: number;
  /** Window that has the keyboard. */
  readonly focus: number;
  readonly isOwnerOurs: boolean;
  /** Whether the owner's program has a CLIPBOARD. */
  readonly hasOwnerClipboard: boolean;
  /** The bits of a resource id that differ within one program's connection. */
  readonly idMask: number;
}

/**
 * Whether a viewer's text becomes PRIMARY, so that the middle button pastes it. It does not if the program with the
 * keyboard has marked text, which the user may be about to replace by pasting: GTK programs unmark their text when they
 * lose PRIMARY. A program without a CLIPBOARD can paste PRIMARY alone, and gets it.
 */
export function becomesPrimary(facts: PrimaryFacts): boolean {
  const { owner, focus, isOwnerOurs, hasOwnerClipboard, idMask } = facts;
  if (owner === 0 || isOwnerOurs || !hasOwnerClipboard) return true;
  return (owner & ~idMask) !== (focus & ~idMask);
}
