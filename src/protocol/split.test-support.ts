import { joinBytes } from './join-bytes.ts';

/** A reader that turns bytes in any portions into messages. */
interface Reader<Message> {
  push(bytes: Uint8Array): void;
  next(): Message | undefined;
}

/** Returns all messages that are available. */
export function drain<Message>(reader: Reader<Message>): Message[] {
  const messages: Message[] = [];
  for (let message = reader.next(); message !== undefined; message = reader.next()) messages.push(message);
  return messages;
}

/** Returns all messages of `bytes` when they arrive in two portions, cut at `at`. */
export function readSplit<Message>(reader: Reader<Message>, bytes: Uint8Array, at: number): Message[] {
  reader.push(bytes.subarray(0, at));
  const first = drain(reader);
  reader.push(bytes.subarray(at));
  return [...first, ...drain(reader)];
}

/** Returns all messages of `bytes` when they arrive one byte at a time. */
export function readByByte<Message>(reader: Reader<Message>, bytes: Uint8Array): Message[] {
  const messages: Message[] = [];
  for (const byte of bytes) {
    reader.push(Uint8Array.of(byte));
    messages.push(...drain(reader));
  }
  return messages;
}

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => joinBytes(parts);

/** Converts text such as "05 0001 ffff" to bytes. Spaces are ignored; quoted parts are ASCII. */
export function hex(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [, quoted, digits] of text.matchAll(/'([^']*)'|([0-9a-f]{2})/g)) {
    if (digits) bytes.push(Number.parseInt(digits, 16));
    else for (const character of quoted ?? '') bytes.push(character.charCodeAt(0));
  }
  return Uint8Array.from(bytes);
}
