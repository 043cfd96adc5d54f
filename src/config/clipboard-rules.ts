import { CLIPBOARD_FORMATS, type ClipboardFormat } from '../protocol/clipboard-content.ts';
import { MOST_CLIPBOARD_BYTES, type PrimaryRule } from './clipboard-values.ts';

/** Limits of the clipboard in one direction. */
export interface ClipboardLimit {
  readonly isEnabled: boolean;
  /** Bytes of the largest content that passes, in all its forms together. */
  readonly mostBytes: number;
}

/** What passes between the clipboards of viewers and the desktop's. */
export interface ClipboardRules {
  /** Milliseconds between two uses of the clipboard, in either direction. */
  readonly delayMs: number;
  /** The forms that pass. Always has `text`. */
  readonly formats: readonly ClipboardFormat[];
  readonly toClient: ClipboardLimit;
  /** Whether what is only marked in the desktop, and not copied, passes to the client. */
  readonly primary: PrimaryRule;
  readonly toServer: ClipboardLimit;
}

const OPEN: ClipboardLimit = { isEnabled: true, mostBytes: MOST_CLIPBOARD_BYTES };

/** Rules that let everything pass. */
export const OPEN_CLIPBOARD: ClipboardRules = {
  ...{ delayMs: 0, formats: CLIPBOARD_FORMATS, primary: 'auto' },
  ...{ toClient: OPEN, toServer: OPEN },
};

/** What passes by both rules. */
export function bothRules(one: ClipboardRules, other: ClipboardRules): ClipboardRules {
  const limit = (a: ClipboardLimit, b: ClipboardLimit): ClipboardLimit => ({
    isEnabled: a.isEnabled && b.isEnabled,
    mostBytes: Math.min(a.mostBytes, b.mostBytes),
  });
  const primaries = [one.primary, other.primary];
  return {
    delayMs: Math.max(one.delayMs, other.delayMs),
    formats: one.formats.filter((format) => other.formats.includes(format)),
    toClient: limit(one.toClient, other.toClient),
    primary: primaries.includes('never') ? 'never' : primaries.includes('always') ? 'always' : 'auto',
    toServer: limit(one.toServer, other.toServer),
  };
}
