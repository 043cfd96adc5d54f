import { type ClipboardContent, textContent, textOf } from '../../../protocol/clipboard-content.ts';
import { writeToBrowser } from '../../pasted-content.ts';
import { barText as text } from '../../text/bar-texts.ts';
import { button } from '../controls.ts';
import { h } from '../dom.ts';
import type { Panel } from '../panels.ts';

/** Characters of the desktop's text that the panel shows. More make the page slow. */
const MOST_CHARACTERS = 100_000;

/** What the desktop has copied, to take along where the browser gives no page its clipboard, and the other way. */
export function clipboardPanel(
  send: (content: ClipboardContent) => void,
  say: (sentence: string) => void,
): Panel & { copied(content: ClipboardContent): void } {
  let content: ClipboardContent = new Map();
  let url: string | undefined;
  const field = h('textarea', { rows: 6, 'aria-label': text('clipboardText'), spellcheck: 'false' });
  const picture = h('img', { class: 'clip', alt: text('clipboardPicture'), hidden: true });
  const copy = (): void => {
    const shown = textOf(content)?.slice(0, MOST_CHARACTERS);
    // What the user has changed in the field is meant.
    const taken = shown === field.value ? content : textContent(field.value);
    writeToBrowser(taken).then(
      () => say(text('copied')),
      () => say(text('refusedByBrowser')),
    );
  };
  const show = (): void => {
    field.value = textOf(content)?.slice(0, MOST_CHARACTERS) ?? '';
    field.placeholder = text('clipboardEmpty');
    const png = content.get('png');
    if (url !== undefined) URL.revokeObjectURL(url);
    url = png && URL.createObjectURL(new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' }));
    picture.hidden = url === undefined;
    if (url !== undefined) picture.src = url;
  };
  const sendText = (): void => {
    send(textContent(field.value));
    say(text('sent'));
  };
  return {
    title: 'clipboard',
    content: [
      field,
      picture,
      h(
        'div',
        { class: 'pushes' },
        button(text('clipboardSend'), sendText),
        button(text('clipboardCopy'), copy),
      ),
    ],
    onOpen: show,
    copied(next) {
      content = next;
      if (field.isConnected) show();
    },
  };
}
