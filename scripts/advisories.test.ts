import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { adviceOf } from './advisories.ts';

const report = (...severities: string[]): string => {
  const entries = severities.map((severity, i) => [`p${i}`, { name: `p${i}`, severity, range: '<2' }]);
  return JSON.stringify({ auditReportVersion: 2, vulnerabilities: Object.fromEntries(entries) });
};

test('vulnerabilities of moderate severity and above fail the check, and no others', () => {
  assert.deepEqual(adviceOf(report()), { kind: 'clean' });
  assert.deepEqual(adviceOf(report('low', 'info')), { kind: 'clean' });
  const advice = adviceOf(report('low', 'moderate', 'critical'));
  assert.ok(advice.kind === 'vulnerable');
  assert.deepEqual(
    advice.lines.map((line) => line.split(';')[0]),
    ['p1 <2: moderate', 'p2 <2: critical'],
  );
});

test('the check says that nothing was checked if the registry gives no report', () => {
  const refused = JSON.stringify({ message: 'request to https://registry.example failed', error: {} });
  assert.deepEqual(adviceOf(refused), {
    kind: 'unknown',
    reason: 'request to https://registry.example failed',
  });
  for (const printed of ['', 'not JSON', '{}']) assert.equal(adviceOf(printed).kind, 'unknown', printed);
});

/** Runs the check with a registry. Resolves with its exit code and what it printed. */
async function check(registry: string): Promise<[number | null, string]> {
  const env = { ...process.env, npm_config_registry: registry };
  const script = join(import.meta.dirname, 'advisories.ts');
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return [code, printed];
}

test('the check of known vulnerabilities passes without a network, and says so', async () => {
  const [code, printed] = await check('http://127.0.0.1:9/');
  assert.equal(code, 0);
  assert.match(printed, /^note: NOT CHECKED for known vulnerabilities: /);
});

test('the check of known vulnerabilities fails if the registry knows one of a locked package', async () => {
  const advisory = { id: 1, url: 'https://advisory.example', title: 'A hole', severity: 'high' };
  const registry = createServer((request, response) => {
    request.resume();
    const isQuestion = request.url === '/-/npm/v1/security/advisories/bulk';
    const answer = isQuestion ? { fastify: [{ ...advisory, vulnerable_versions: '*' }] } : {};
    response.writeHead(isQuestion ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  });
  registry.listen(0, '127.0.0.1');
  await once(registry, 'listening');
  try {
    const { port } = registry.address() as AddressInfo;
    const [code, printed] = await check(`http://127.0.0.1:${port}/`);
    assert.equal(code, 1, printed);
    assert.match(printed, /^fastify .*: high; npm audit says more$/m);
  } finally {
    registry.closeAllConnections();
    registry.close();
  }
});
