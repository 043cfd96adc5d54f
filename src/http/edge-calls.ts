import type { FastifyInstance } from 'fastify';
import type { EdgeLogin, Revocation } from './login/edge-revocations.ts';
import type { EdgeTrust } from './login/edge-trust.ts';

/** Where the host of a desktop says which of its users have other rights now, or none. */
export const REVOKE_PATH = '/fleet/revoke';

/** Who is at a desktop by the word of an edge, as the desktop tells its host. */
export type PresentLogin = Pick<EdgeLogin, 'user' | 'logins' | 'version'>;

/** Serves what the host of a desktop in a fleet asks of it. All others get the answer of an address that is none. */
export async function serveHost(app: FastifyInstance, edge: EdgeTrust): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post(REVOKE_PATH, async (request, reply) => {
      if (!edge.isHost(request.raw)) return app.refuseUnknown(request, reply);
      // The host wrote it, so that its form is right.
      const present = edge.revoke(JSON.parse(String(request.body)) as Revocation);
      const told = present.map(
        ({ user, logins = [], version = 0 }): PresentLogin => ({
          ...{ user, logins, version },
        }),
      );
      return reply.type('application/json').send(Buffer.from(JSON.stringify(told)));
    });
  });
}
