import { MAX_NAME_LENGTH } from '../../accounts/account-changes.ts';
import type { LoginBlocks } from '../../http/login/login-blocks.ts';
import { type Call, DONE, defineCall, done, json } from '../contract/call.ts';
import { apiProblem } from '../contract/errors.ts';
import { Type } from '../contract/schema.ts';
import { timestamp } from './timestamp.ts';

/** Characters of an IPv6 address with a zone. */
const MAX_ADDRESS_LENGTH = 64;

const Blocks = Type.Object({
  blocks: Type.Array(
    Type.Object({
      user: Type.Union([Type.String(), Type.Null()], { description: '`null`: logins of all names wait' }),
      address: Type.Union([Type.String(), Type.Null()], {
        description: 'An IPv4 address or an IPv6 network of 64 bits. `null`: logins from all addresses wait',
      }),
      failures: Type.Integer({ minimum: 0, description: 'Failed logins since none counted any more' }),
      until: Type.String({
        description: '`YYYY-MM-DD HH:MM:SS`, UTC: when no failure counts any more, if no further login fails',
        pattern: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$',
      }),
    }),
  ),
});

const Chosen = Type.Object({
  name: Type.Optional(
    Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, description: 'Only blocks of this user' }),
  ),
  address: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_ADDRESS_LENGTH,
      description: 'Only blocks of this address, or of its IPv6 network of 64 bits',
    }),
  ),
});

/** The calls that show and end the waits that failed logins cause. */
export function loginBlockCalls(blocks: LoginBlocks): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/get_login_blocks',
      scope: 'users',
      summary: 'List the failed logins that make others wait',
      changes: false,
      parameters: Type.Object({}),
      answers: { 200: { description: 'Blocks', content: { 'application/json': Blocks } } },
      handle: () => {
        const listed = blocks.list().map(({ user = null, address = null, failures, until }) => {
          return { user, address, failures, until: timestamp(until) };
        });
        return json({ blocks: listed });
      },
    }),
    defineCall({
      method: 'GET',
      path: '/clear_login_blocks',
      scope: 'users',
      summary: 'Let logins that must wait be tried at once',
      description: 'Without parameters, clears all blocks. Otherwise refused if there is no such block.',
      changes: true,
      parameters: Chosen,
      answers: DONE,
      handle: ({ parameters: { name, address } }) => {
        const count = blocks.clear({ name, address });
        if (count === 0 && (name !== undefined || address !== undefined))
          throw apiProblem('API_NO_SUCH_BLOCK');
        return done();
      },
    }),
  ];
}
