// A server with accounts, session and API on a synthetic desktop, in a process that tests may kill. Gets the data folder
// as its argument, and tells its parent the address.

import { pino } from 'pino';
import { openAccounts } from '../../src/accounts/file-accounts.ts';
import { FileTokens } from '../../src/accounts/file-tokens.ts';
import { createApi } from '../../src/api/api.ts';
import { NO_AUDIT } from '../../src/audit/audit.ts';
import { AuditCounts } from '../../src/audit/audit-counts.ts';
import { SyntheticDesktop } from '../../src/desktop/synthetic/synthetic-desktop.ts';
import { EventLog } from '../../src/events/event-log.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { loadCertificate } from '../../src/http/tls/certificate.ts';
import { SharedSession } from '../../src/session/shared-session.ts';
import { LOOPBACK } from '../api/contract-server.ts';
import { NO_VIDEO } from '../support/test-session.ts';

const folder = process.argv[2]!;
const log = pino({ level: 'error' }, pino.destination({ fd: 2, sync: true }));
const accounts = await openAccounts({
  folder,
  cost: { algorithm: 'scrypt', logN: 4, blockSize: 8, lanes: 1 },
});
const tokens = new FileTokens({ folder, accounts });
const session = new SharedSession({
  desktop: new SyntheticDesktop({ size: { width: 64, height: 64 }, colour: 0 }),
  maxFps: 60,
  video: NO_VIDEO,
  isOwner: (name) => accounts.get(name)?.owner ?? false,
  log,
});
accounts.on('changed', (changes) => session.usersChanged(changes));
const { url } = await createHttpServer({
  listen: LOOPBACK,
  port: 0,
  certificate: await loadCertificate({ cert: undefined, key: undefined, data: folder, log }),
  accounts,
  tokens,
  session,
  allowOrigin: [],
  trustProxy: [],
  pageFolder: undefined,
  api: createApi({
    ...{ accounts, tokens, session },
    events: new EventLog(),
    counts: new AuditCounts(NO_AUDIT),
  }),
  log,
});
process.on('disconnect', () => process.exit());
process.send!(url);
