import { addressFlag } from './address-flag.ts';
import { type PictureSettings, PRESETS } from './picture-settings.ts';
import type { Preferences } from './preferences.ts';

/** What the page's address asks for. It overrides what the user has chosen. */
export interface AddressSettings {
  readonly picture?: PictureSettings;
  readonly scaleMode?: Preferences['scaleMode'];
  readonly matchWindow?: boolean;
  /** The page sends no input. */
  readonly viewOnly: boolean;
}

/**
 * Reads the query of the page's address: `view_only`, `scale` (`fit`, `actual`, `remote`) and `quality`
 * (0 to 9, or a preset), and the names that noVNC and KasmVNC have for them: `resize` (`scale`, `remote`, `off`),
 * `viewOnly`. What is not known is ignored.
 */
export function readAddress(query: string): AddressSettings {
  const asked = new URLSearchParams(query);
  const sizing = SIZINGS[asked.get('scale') ?? asked.get('resize') ?? ''];
  const picture = pictureOf(asked.get('quality'));
  return {
    ...(picture && { picture }),
    ...sizing,
    viewOnly: addressFlag(asked, 'view_only', 'viewOnly') ?? false,
  };
}

const SIZINGS: Readonly<Record<string, Pick<AddressSettings, 'scaleMode' | 'matchWindow'>>> = {
  fit: { scaleMode: 'fit', matchWindow: false },
  scale: { scaleMode: 'fit', matchWindow: false },
  actual: { scaleMode: 'actual', matchWindow: false },
  off: { scaleMode: 'actual', matchWindow: false },
  remote: { scaleMode: 'fit', matchWindow: true },
};

function pictureOf(asked: string | null): PictureSettings | undefined {
  if (asked === null) return undefined;
  if (/^[0-9]$/.test(asked)) {
    return { ...PRESETS.balanced, quality: Number(asked), movingQuality: Number(asked) };
  }
  return Object.entries(PRESETS).find(([name]) => name === asked)?.[1];
}
