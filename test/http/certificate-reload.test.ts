import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { pino } from 'pino';
import { loadCertificate } from '../../src/http/tls/certificate.ts';
import { startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

/** Makes a self-signed pair in a folder, as `cert.pem` and `key.pem`. */
async function makePair(folder: string): Promise<string> {
  const log = pino({ level: 'silent' });
  return (await loadCertificate({ cert: undefined, key: undefined, data: folder, log })).cert;
}

/** The certificate that a new connection is shown, in PEM. */
async function shownAt(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return raw.toString('base64');
}

/** The base64 of a PEM file without its line breaks. */
const baseOf = (pem: string): string =>
  /-----BEGIN CERTIFICATE-----([^-]+)/.exec(pem)![1]!.replace(/\s/g, '');

test('new files of --cert and --key are served within a minute, and viewers stay', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-renewed-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const data = join(folder, 'data');
  const old = await makePair(data);
  const fresh = await makePair(join(folder, 'fresh'));
  const flags = ['--cert', join(data, 'cert.pem'), '--key', join(data, 'key.pem')];
  const server = await startDeskwire({ data, flags: [...flags, '--size', '320x200', '--run', 'true'] });
  t.after(() => server.stop());
  const viewer = await Viewer.connectWebSocket({ url: server.url, ca: server.ca, user: server.owner });
  t.after(() => viewer.destroy());
  assert.equal(await shownAt(server.port), baseOf(old));
  for (const name of ['cert.pem', 'key.pem']) {
    copyFileSync(join(folder, 'fresh', name), join(data, `${name}.new`));
    renameSync(join(data, `${name}.new`), join(data, name));
  }
  assert.equal(readFileSync(join(data, 'cert.pem'), 'utf8'), fresh);
  await waitFor('the new certificate', async () => (await shownAt(server.port)) === baseOf(fresh), 60_000);
  await viewer.roundTrip();
  assert.equal(viewer.closedReason, undefined);
});
