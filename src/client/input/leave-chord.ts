/**
 * Whether a key event is Ctrl+Alt+Shift+M, which moves the focus out of the desktop. All other keys belong to the desktop,
 * Tab too. By the key's place, because layouts have other letters there, and some have none.
 */
export const isLeaveChord = (event: KeyboardEvent): boolean =>
  event.ctrlKey && event.altKey && event.shiftKey && event.code === 'KeyM';
