import { type Call, defineCall } from '../../api/contract/call.ts';
import { Type } from '../../api/contract/schema.ts';
import type { DesktopCallOptions } from './call-options.ts';
import { requireDesktop } from './callers.ts';
import { NamePlace } from './fields.ts';

const MOST_LINES = 10_000;
const USUAL_LINES = 200;

/** The call for the log of a desktop. */
export function logCalls({ store, logOf }: DesktopCallOptions): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/desktops/{name}/logs',
      scope: 'desktops',
      place: NamePlace,
      summary: 'The last lines that a desktop’s server has logged',
      description:
        'JSON, an object a line, at most 1 MiB. For owners. What programs of the desktop print is not in it.',
      changes: false,
      parameters: Type.Object({
        tail: Type.Optional(
          Type.Integer({ minimum: 1, maximum: MOST_LINES, default: USUAL_LINES, description: 'Lines' }),
        ),
      }),
      answers: { 200: { description: 'Lines', content: { 'text/plain': Type.String() } } },
      handle: async ({ place: { name }, parameters: { tail = USUAL_LINES }, user }) => {
        const { desktop } = requireDesktop(store.state, user, name, 'owner');
        return { status: 200, type: 'text/plain; charset=utf-8', body: await logOf(desktop, tail) };
      },
    }),
  ];
}
