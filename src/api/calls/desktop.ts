import type { Session } from '../../session/session.ts';
import { type Call, DONE, defineCall, done, json } from '../contract/call.ts';
import { Type } from '../contract/schema.ts';

/** Scales that programs can be told, as a viewer can ask for them. */
const MIN_SCALE_PERCENT = 50;
const MAX_SCALE_PERCENT = 400;
/** Largest side of a screen in X, in pixels. `--max-size` is smaller. */
const MAX_SIDE_PX = 65535;
const side = Type.Integer({ minimum: 1, maximum: MAX_SIDE_PX });
const WantedSize = Type.Object({
  width: side,
  height: side,
  scale_percent: Type.Optional(
    Type.Integer({
      minimum: MIN_SCALE_PERCENT,
      maximum: MAX_SCALE_PERCENT,
      description: 'Programs draw everything so much larger, such as 200 for a screen of twice the density',
    }),
  ),
});
const ReachedSize = Type.Object({ width: side, height: side });

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
    defineCall({
      method: 'POST',
      path: '/resize',
      scope: 'control',
      summary: "Change the desktop's size",
      description:
        'To the nearest size that the desktop can have. Works also where viewers may not resize the desktop.',
      changes: true,
      parameters: Type.Object({}),
      body: WantedSize,
      answers: { 200: { description: 'The size now', content: { 'application/json': ReachedSize } } },
      handle: async ({ body: { width, height, scale_percent: scalePercent } }) => {
        const reached = await session.controls.resize({ width, height, scalePercent });
        return json({ width: reached.width, height: reached.height });
      },
    }),
  ];
}
