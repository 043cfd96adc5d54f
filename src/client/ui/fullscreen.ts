import type { Tool } from './toolbar.ts';

/** The button for full screen, if the browser has that. */
export function fullscreenTool(onEntered: () => void, onChanged: (isOn: boolean) => void): Tool[] {
  if (!document.fullscreenEnabled) return [];
  document.addEventListener('fullscreenchange', () => onChanged(document.fullscreenElement !== null));
  const act = (isOn: boolean): void => {
    if (isOn) void enter().then(onEntered, () => onChanged(false));
    else void document.exitFullscreen();
  };
  return [{ id: 'fullscreen', icon: 'fullscreen', label: 'fullscreen', isSwitch: true, act }];
}

async function enter(): Promise<void> {
  await document.documentElement.requestFullscreen({ navigationUI: 'hide' });
  // With the keyboard locked, the desktop gets Escape, Alt+Tab and similar keys. Holding Escape still leaves full
  // screen.
  const { keyboard } = navigator as Navigator & { keyboard?: { lock?: () => Promise<void> } };
  await keyboard?.lock?.().catch(() => {});
}
