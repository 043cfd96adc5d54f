import { EdgeServer } from '../../../test/support/edge-server.ts';
import type { TestLogin } from '../../../test/support/login-headers.ts';
import { serveParent } from '../../ipc.ts';

/** The calls of a process with an edge. */
export interface EdgeCalls {
  /** Opens the port. Returns its URL. */
  start(admin: TestLogin, desktops: readonly (readonly [name: string, socket: string])[]): Promise<string>;
  close(): Promise<void>;
}

let server: EdgeServer | undefined;

serveParent<EdgeCalls>({
  async start(admin, desktops) {
    server = await EdgeServer.start({ admin, desktops: new Map(desktops) });
    return server.url;
  },
  async close() {
    await server?.close();
  },
});
