import type { Session } from '../../session/session.ts';
import { type Call, defineCall, done } from '../contract/call.ts';
import { Type } from '../contract/schema.ts';

const DONE = { 200: { description: '`200 OK`', content: { 'text/plain': Type.String() } } };

/** The calls that act on the shared desktop. */
export function desktopCalls(session: Session): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/send_full_frame',
      scope: 'viewers',
      summary: 'Send the whole screen again to every viewer',
      description: 'Answers when the frame is queued.',
      changes: true,
      parameters: Type.Object({}),
      answers: DONE,
      handle: async () => {
        await session.sendFullFrame();
        return done();
      },
    }),
    defineCall({
      method: 'GET',
      path: '/clear_clipboard',
      scope: 'clipboard',
      summary: "Clear the desktop's selections and the clipboard of every viewer that may write",
      changes: true,
      parameters: Type.Object({}),
      answers: DONE,
      handle: async () => {
        await session.clearClipboard();
        return done();
      },
    }),
  ];
}
