import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadCertificate } from '../../src/http/tls/certificate.ts';
import { tlsProfile } from '../../src/http/tls/tls-profile.ts';
import { serveParent } from '../ipc.ts';

/** Calls that a process with a server of Node.js alone answers. */
export interface BareServerCalls {
  start(): Promise<{ readonly url: string; readonly ca: string }>;
}

const ANSWER = 'A server that does nothing else.';

let server: Server | undefined;

// What a call takes at least on this machine: TLS, HTTP of Node.js, and no work.
serveParent<BareServerCalls>({
  async start() {
    const folder = mkdtempSync(join(tmpdir(), 'deskwire-bench-bare-'));
    try {
      const log = pino({ enabled: false });
      const certificate = await loadCertificate({ cert: undefined, key: undefined, data: folder, log });
      server = createServer({ ...tlsProfile(certificate), noDelay: true }, (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': ANSWER.length });
        response.end(ANSWER);
      });
      await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
      return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`, ca: certificate.cert };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
});
