import { isUtf8 } from 'node:buffer';
import { MOST_CLIPBOARD_BYTES } from '../../config/clipboard-values.ts';
import { type ClipboardContent, isPng, MIME_TYPES } from '../../protocol/clipboard-content.ts';
import type { Session } from '../../session/session.ts';
import { type Call, DONE, defineCall, done } from '../contract/call.ts';
import { apiProblem } from '../contract/errors.ts';
import { Type } from '../contract/schema.ts';

/** HTML is not among them: a browser that opens the call's address would run what a program in the desktop copied. */
const FORMATS = ['text', 'png'] as const;

type Format = (typeof FORMATS)[number];

const Parameters = Type.Object({
  format: Type.Enum(FORMATS, { default: 'text', description: 'The form of the content' }),
});

/** The calls that read and set the desktop's clipboard. */
export function clipboardCalls({ controls }: Session): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/clipboard',
      scope: 'clipboard',
      summary: "Read the desktop's clipboard",
      description:
        'As the viewers of the calling user would get it: with the right to write, and as the clipboard settings and ' +
        'the rules for data loss prevention allow.',
      changes: false,
      parameters: Parameters,
      answers: {
        200: {
          description: 'The content',
          content: { 'text/plain': Type.String(), 'image/png': Type.String({ format: 'binary' }) },
        },
        204: { description: 'The clipboard has nothing in this form' },
      },
      handle: ({ parameters: { format }, user }) => {
        const bytes = controls.readClipboard({ name: user.name, rights: user }, format);
        return bytes === undefined
          ? { status: 204 }
          : { status: 200, type: ANSWER_TYPES[format], body: bytes };
      },
    }),
    defineCall({
      method: 'PUT',
      path: '/clipboard',
      scope: 'clipboard',
      summary: "Set the desktop's clipboard",
      description:
        'The body is the content as it is, text in UTF-8. The same rules hold as for a viewer that pastes.',
      changes: true,
      parameters: Parameters,
      content: { types: FORMATS.map((format) => MIME_TYPES[format]), maxBytes: MOST_CLIPBOARD_BYTES },
      answers: DONE,
      handle: async ({ parameters: { format }, user, bytes }) => {
        await controls.writeClipboard({ name: user.name, rights: user }, contentOf(format, bytes));
        return done();
      },
    }),
  ];
}

const ANSWER_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; charset=utf-8',
  png: 'image/png',
};

/** Checks that the bytes are what they are said to be. */
function contentOf(format: Format, bytes: Uint8Array): ClipboardContent {
  if (bytes.length === 0)
    throw apiProblem('API_CONTENT_INVALID', 'The body is empty. clear_clipboard clears the clipboard.');
  if (format === 'png') {
    if (!isPng(bytes)) throw apiProblem('API_CONTENT_INVALID', 'The body is not a PNG.');
  } else if (!isUtf8(bytes)) {
    throw apiProblem('API_CONTENT_INVALID', 'The body is not text in UTF-8. A picture needs format=png.');
  }
  return new Map([[format, bytes]]);
}
