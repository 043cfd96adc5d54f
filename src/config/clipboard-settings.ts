import type { ClipboardRules } from './clipboard-rules.ts';
import type { Settings } from './config.ts';

/** The rules for all users that the settings make. */
export function clipboardRules(settings: Settings): ClipboardRules {
  return {
    delayMs: settings.clipboardDelay,
    formats: settings.clipboardTypes,
    toClient: { isEnabled: settings.clipboardToClient, mostBytes: settings.clipboardToClientSize },
    primary: settings.clipboardPrimary,
    toServer: { isEnabled: settings.clipboardToServer, mostBytes: settings.clipboardToServerSize },
  };
}
