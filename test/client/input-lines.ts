import type { ClientMessage } from '../../src/protocol/client-messages.ts';

/** Writes the input among a page's messages as lines, such as `+61/1e` for a key and `1@20,30` for the pointer. */
export function inputLines(messages: readonly ClientMessage[]): string[] {
  return messages.flatMap((message) => {
    switch (message.type) {
      case 'key':
        return `${message.down ? '+' : '-'}${message.keysym.toString(16)}/${message.keycode.toString(16)}`;
      case 'pointer':
        return `${message.buttonMask.toString(2)}@${message.x},${message.y}`;
      case 'clientCutText':
        return `cut ${message.text}`;
      default:
        return [];
    }
  });
}
