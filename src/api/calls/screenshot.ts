import type { Accounts } from '../../accounts/accounts.ts';
import { matchesEtag } from '../../http/etag.ts';
import type { Rect } from '../../pixels/rect.ts';
import type { Session } from '../../session/session.ts';
import { type Call, defineCall } from '../contract/call.ts';
import { apiProblem } from '../contract/errors.ts';
import { Type } from '../contract/schema.ts';
import { SentPictures } from './sent-pictures.ts';

/** Largest side of a screen in X, in pixels. */
const MAX_SIDE_PX = 65535;
const side = Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_SIDE_PX }));
const offset = Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_SIDE_PX }));

const Parameters = Type.Object({
  width: side,
  height: side,
  quality: Type.Integer({ minimum: 0, maximum: 9, default: 7, description: 'JPEG quality level' }),
  deduplicate: Type.Boolean({
    default: false,
    description: 'Answer 204 if the picture is the one sent last',
  }),
  format: Type.Enum(['jpeg', 'png', 'webp'] as const, { default: 'jpeg' }),
  x: offset,
  y: offset,
  w: side,
  h: side,
  cursor: Type.Boolean({ default: false, description: 'Draw the pointer' }),
});

const picture = Type.String({ format: 'binary' });

/** The call that returns the screen as a picture. */
export function screenshotCalls(session: Session, accounts: Accounts): Call[] {
  const sent = new SentPictures(accounts);
  return [
    defineCall({
      method: 'GET',
      path: '/get_screenshot',
      scope: 'screenshot',
      summary: 'The screen as it is now',
      description:
        'A `width` gives the picture its width, and the height follows; a `height` alone gives the height. Never ' +
        'larger than the screen. `x`, `y`, `w` and `h` together cut out a part of the screen first.',
      changes: false,
      parameters: Parameters,
      answers: {
        200: {
          description: 'The picture',
          content: { 'image/jpeg': picture, 'image/png': picture, 'image/webp': picture },
        },
        204: { description: 'With `deduplicate`: the same picture as last time' },
        304: { description: 'With `If-None-Match`: the same picture' },
      },
      handle: async ({ parameters, user, address, ifNoneMatch, isHead }) => {
        const { width, height, quality, format, cursor, deduplicate } = parameters;
        const crop = cropOf(parameters);
        const tags = sent.of(user.name);
        const shot = await session.screenshot({
          ...{ width, height, quality, format, crop, cursor },
          onlooker: { user: user.name, address },
        });
        const headers = { ETag: `"${shot.tag}"`, 'Cache-Control': 'private, no-cache' };
        if (matchesEtag(ifNoneMatch, headers.ETag)) return { status: 304, headers };

        const request = JSON.stringify([width, height, quality, format, crop, cursor]);
        if (deduplicate && tags.get(request) === shot.tag) return { status: 204, headers };
        const answer = { status: 200, type: `image/${format}`, body: shot.bytes, headers };
        // Noted when it is sent: a picture that the caller did not get must not be left out next time.
        return isHead ? answer : { ...answer, onSent: () => tags.set(request, shot.tag) };
      },
    }),
  ];
}

function cropOf(parameters: { x?: number; y?: number; w?: number; h?: number }): Rect | undefined {
  const { x, y, w, h } = parameters;
  if (x === undefined && y === undefined && w === undefined && h === undefined) return undefined;
  if (x === undefined || y === undefined || w === undefined || h === undefined) {
    throw apiProblem(
      'API_PARAMETER_MISSING',
      'The parameters x, y, w and h belong together: give all four, or none.',
    );
  }
  return { x, y, width: w, height: h };
}
