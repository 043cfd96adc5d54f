import { h } from './dom.ts';

/** Milliseconds until the browser has begun to read what it saves. A larger value keeps the memory for longer. */
const READ_WITHIN_MS = 60_000;

/** Has the browser save a file. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), READ_WITHIN_MS);
}
