/** What the page's address says about how to show the desktop. */
export interface Settings {
  /** Tight quality level 0-9: picture quality against bytes. */
  readonly quality: number;
}

/** JPEG 86 with full chroma: text on pictures stays sharp, at bytes that a usual link carries. */
const DEFAULT_QUALITY = 7;

export function readSettings(query: string): Settings {
  const asked = new URLSearchParams(query).get('quality');
  return { quality: asked !== null && /^[0-9]$/.test(asked) ? Number(asked) : DEFAULT_QUALITY };
}
