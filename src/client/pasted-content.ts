import {
  type ClipboardContent,
  type ClipboardFormat,
  MIME_TYPES,
  textContent,
  textOf,
} from '../protocol/clipboard-content.ts';
import { encodeUtf8 } from '../protocol/text.ts';

// The browser's clipboard: what a paste brings, and what the page writes to it.

/** What the user pastes, in each form that the desktop can use. A picture is read later. */
export function readPaste(data: DataTransfer | null): ClipboardContent | Promise<ClipboardContent> {
  const content = new Map<ClipboardFormat, Uint8Array>();
  for (const format of ['text', 'html'] as const) {
    const text = data?.getData(MIME_TYPES[format]);
    if (text) content.set(format, encodeUtf8(text));
  }
  const picture = [...(data?.files ?? [])].find(({ type }) => type === MIME_TYPES.png);
  if (!picture) return content;
  return picture.arrayBuffer().then(
    (bytes) => content.set('png', new Uint8Array(bytes)),
    () => content,
  );
}

/** Writes all forms at once, or the text alone where the browser takes nothing else. Rejects if it refuses. */
export async function writeToBrowser(content: ClipboardContent): Promise<void> {
  const text = textOf(content);
  if (content.size > 1 || text === undefined) {
    try {
      const blobs = [...content].map(([format, data]) => {
        const type = MIME_TYPES[format];
        return [type, new Blob([data as Uint8Array<ArrayBuffer>], { type })] as const;
      });
      await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
      return;
    } catch (error) {
      if (text === undefined) throw error;
    }
  }
  await navigator.clipboard?.writeText(text);
}

/** Reads the browser's clipboard. Rejects if it refuses, or asks the user and gets no answer. */
export async function readFromBrowser(): Promise<ClipboardContent> {
  const text = await navigator.clipboard.readText();
  return text === '' ? new Map() : textContent(text);
}
