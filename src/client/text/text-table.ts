/** Texts by their names, in the order of LANGUAGES: English, German, French, Spanish, Japanese. `{name}` is replaced. */
export type TextTable = Readonly<Record<string, readonly [string, string, string, string, string]>>;
