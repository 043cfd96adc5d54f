import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { blankComments } from '../../scripts/walls.ts';
import { LoginCookies } from '../../src/http/login/login-cookies.ts';

const ROOT = join(import.meta.dirname, '../..');
const DAY_MS = 24 * 60 * 60 * 1000;
const IDENTITY = {
  address: '127.0.0.1',
  agent: '',
  origin: undefined,
  cookie: { name: 'deskwire-1', isSecure: true, mayBeOpen: false },
};

/**
 * Files that may read the clock that people and NTP set, which may step. Time limits, delays and ages are measured with
 * `performance.now()`, which never does.
 */
const MAY_READ_WALL_CLOCK: Readonly<Record<string, string>> = {
  'src/accounts/file-tokens.ts': 'Tokens are valid for years, also after a restart.',
  'src/audit/open-audit.ts': 'The audit trail tells when something happened.',
  'src/cli/doctor/check-certificate.ts': 'A certificate is valid between two dates.',
  'src/cli/log.ts': 'The log shows the time of day.',
  'src/client/fleet/words.ts': 'The page leaves out the date of today.',
  'src/client/ui/owner/format.ts': 'The page leaves out the date of today.',
  'src/client/ui/owner/ticket-section.ts': 'The API tells until when a ticket is valid.',
  'src/common/write-file-atomically.ts': 'The age of a file is known only by its date.',
  'src/events/event-log.ts': 'Events tell when something happened.',
  'src/fleet/api/make-desktops.ts': 'The API tells when a desktop was made.',
  'src/fleet/edge/edge.ts': 'Another process compares the end of an assertion with its own clock.',
  'src/fleet/edge/request-desktop.ts': 'Another process compares the end of an assertion with its own clock.',
  'src/fleet/events/fleet-event-log.ts': 'Events tell when something happened.',
  'src/fleet/host/desktop-process.ts': 'Another process compares the end of an assertion with its own clock.',
  'src/fleet/host/own-desktop.ts': 'A desktop ends at a date, also after a restart.',
  'src/fleet/host/tell-desktop.ts': 'Another process compares the end of an assertion with its own clock.',
  'src/fleet/join-role.ts': 'The API tells when a desktop was made.',
  'src/fleet/logins/fleet-pass.ts': 'Tokens are valid for years, at every edge.',
  'src/fleet/logins/fleet-tickets.ts': 'The API tells until when a ticket is valid.',
  'src/fleet/logins/fleet-tokens.ts': 'Tokens are valid for years, at every edge.',
  'src/fleet/logins/login-keys.ts': 'Keys are renewed after 30 days, by any edge.',
  'src/fleet/logins/logouts.ts': 'Sessions last for 30 days, at every edge.',
  'src/fleet/logins/signed-cookies.ts': 'Another edge compares the end of a cookie with its own clock.',
  'src/fleet/logins/signed-sessions.ts': 'Sessions last for 30 days, at every edge.',
  'src/fleet/logins/signed-tickets.ts': 'Another edge compares the end of a ticket with its own clock.',
  'src/fleet/store/reaper.ts': 'The API tells since when a desktop is lost.',
  'src/http/login/edge-trust.ts': 'Another process has written the end of an assertion.',
  'src/http/login/entry-tickets.ts': 'The API tells until when a ticket is valid.',
  'src/http/login/known-addresses.ts': 'Addresses are known for 30 days, also after a restart.',
  'src/http/login/login-blocks.ts': 'The API tells until when a block lasts.',
  'src/http/login/page-sessions.ts': 'Sessions last for 30 days, also after a restart.',
  'src/http/tls/certificate.ts': 'A certificate is valid between two dates.',
  'src/session/dlp/overlay-clock.ts': 'A watermark shows the time of day.',
  'src/session/screenshots.ts': 'A watermark shows the time of day.',
  'src/session/shared-session.ts': 'The API tells since when a viewer is connected.',
  'src/webhooks/post.ts': 'A receiver compares the time of a delivery with its own clock.',
};

test('only files that need a date read the clock that may step', () => {
  const readers = globSync('src/**/*.ts', { cwd: ROOT, exclude: ['src/**/*.test.ts'] }).filter((file) =>
    /\bDate\.now\b|\bnew Date\(\)/.test(blankComments(readFileSync(join(ROOT, file), 'utf8'))),
  );
  assert.deepEqual(
    readers.filter((file) => !(file in MAY_READ_WALL_CLOCK)),
    [],
  );
});

test('login cookies are valid for as long after the clock was set', (t) => {
  const cookies = new LoginCookies(() => performance.now());
  const [sent = ''] = cookies.issue({ name: 'fred' }, undefined, IDENTITY)!.split(';');
  const now = Date.now();
  for (const stepMs of [2 * DAY_MS, -2 * DAY_MS]) {
    const clock = t.mock.method(Date, 'now', () => now + stepMs);
    assert.equal(cookies.holderOf(sent, IDENTITY)?.name, 'fred', `${stepMs}`);
    clock.mock.restore();
  }
});
