import ownerStyles from './owner.css' with { type: 'text' };

const used = new Set<string>();

/** Adds the rules of a panel that is loaded later to the page, once. They come with the panel's script. */
export function useStyles(...texts: readonly string[]): void {
  for (const text of [ownerStyles, ...texts]) {
    if (used.has(text)) continue;
    used.add(text);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets.push(sheet);
  }
}
