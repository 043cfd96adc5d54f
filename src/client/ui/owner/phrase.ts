import { h } from '../dom.ts';

/** A name of a person or a thing, which may be written in the other direction than the text around it. */
export const nameOf = (name: string): HTMLElement => h('bdi', {}, name);

/** The same in a text that takes no elements, such as a label. Its direction ends with it. */
export const isolated = (name: string): string => `\u2068${name}\u2069`;

/** Puts elements into a text in place of `{name}`. */
export function phrase(text: string, parts: Readonly<Record<string, Node | string>>): (Node | string)[] {
  // A capturing group has the names in between: every second piece is one.
  return text
    .split(/\{(\w+)\}/)
    .map((piece, i) => (i % 2 === 0 ? piece : (parts[piece] ?? `{${piece}}`)))
    .filter((piece) => piece !== '');
}
