import { ByteBudget } from '../../common/byte-budget.ts';
import { type ClipboardRules, OPEN_CLIPBOARD } from '../../config/clipboard-rules.ts';
import { NO_DLP } from '../../config/dlp/read-dlp.ts';
import type { ClipboardChange } from '../../desktop/desktop.ts';
import { type ClipboardContent, textContent, textOf } from '../../protocol/clipboard-content.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { type ServerMessage, ServerMessageReader } from '../../protocol/server-message-reader.ts';
import { ClipboardGate, type ClipboardUse } from '../dlp/clipboard-gate.ts';
import { createLimits } from '../dlp/user-limits.ts';
import { type ReceivedContent, ViewerClipboard } from './clipboard.ts';

export const NO_DATA = new Uint8Array(0);
export const PNG = Buffer.from('\x89PNG\r\n\x1a\n and pixels', 'latin1');
export const RICH: ClipboardContent = new Map([
  ['text', Buffer.from('bold')],
  ['html', Buffer.from('<b>bold</b>')],
  ['png', PNG],
]);

export const copy = (content: ClipboardContent, how: ClipboardChange['how'] = 'copied'): ClipboardChange => ({
  content,
  tooLarge: [],
  how,
});
export const copied = (text: string): ClipboardChange => copy(textContent(text));

interface Options {
  readonly rules?: Partial<ClipboardRules>;
  readonly budgetBytes?: number;
  readonly before?: readonly ClipboardChange[];
}

/** A clipboard whose viewer takes everything at once, the messages it sent, and what it received. */
export function createClipboard({ rules, budgetBytes = 64 << 20, before = [] }: Options = {}) {
  const reader = new ServerMessageReader({ format: SERVER_PIXEL_FORMAT });
  const received: ReceivedContent[] = [];
  const uses: ClipboardUse[] = [];
  const push = (message: Uint8Array | undefined): void => {
    if (message) reader.push(message);
  };
  const reserved: number[] = [];
  const bytes = new ByteBudget(budgetBytes);
  const clipboard = new ViewerClipboard({
    outbox: {
      message: push,
      newest: (_kind, make) => push(make()),
      reserve: (count) => {
        reserved.push(count);
        return () => reserved.push(-count);
      },
    },
    gate: new ClipboardGate(
      createLimits({ ...NO_DLP.forAll, clipboard: { ...OPEN_CLIPBOARD, ...rules } }, 0),
      () => 0,
      (use) => uses.push(use),
    ),
    bytes,
    copied: () => before,
    received: (content) => received.push(content),
  });
  const take = (flags: number, data: Uint8Array = NO_DATA) =>
    clipboard.take({ type: 'extendedClipboard', flags, data });
  const sent = (): ServerMessage | undefined => reader.next();
  const texts = () => received.map(({ content }) => textOf(content));
  const allSent = (): ServerMessage[] => {
    const all: ServerMessage[] = [];
    for (let message = sent(); message; message = sent()) all.push(message);
    return all;
  };
  return { clipboard, received, texts, reserved, take, sent, allSent, uses, bytes };
}
