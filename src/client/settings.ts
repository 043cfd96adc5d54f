/** Settings from the page's address. */
export interface Settings {
  /** Tight quality level, 0-9. A higher level is a better picture and more bytes. */
  readonly quality: number;
}

/** Level 7 is JPEG quality 86 with full chroma: text on pictures stays sharp, and a usual link can carry it. */
const DEFAULT_QUALITY = 7;

export function readSettings(query: string): Settings {
  const asked = new URLSearchParams(query).get('quality');
  return { quality: asked !== null && /^[0-9]$/.test(asked) ? Number(asked) : DEFAULT_QUALITY };
}
