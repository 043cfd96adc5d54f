type Keys = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/**
 * The Latin letter of a shortcut: the one that the key means. Where it means no Latin letter, such as on a Greek
 * keyboard, the one in its place.
 */
function letterOf({ key, code }: Pick<Keys, 'key' | 'code'>): string | undefined {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  // Dvorak has another sign where V is, which is Latin text too.
  if (/^[\x20-\x7e]$/.test(key)) return undefined;
  return /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase();
}

/** Whether the browser takes the keys for a paste, or a program of the desktop does. */
export function isPasteKey(event: Keys): boolean {
  const isControlV = (event.ctrlKey || event.metaKey) && !event.altKey && letterOf(event) === 'v';
  const isShiftInsert = event.shiftKey && !event.ctrlKey && event.key === 'Insert';
  return isControlV || isShiftInsert;
}
