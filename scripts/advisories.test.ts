import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
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

test('the check of known vulnerabilities passes without a network, and says so', () => {
  const env = { ...process.env, npm_config_registry: 'http://127.0.0.1:9/' };
  const script = join(import.meta.dirname, 'advisories.ts');
  const { status, stdout } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
  assert.equal(status, 0);
  assert.match(stdout, /^note: NOT CHECKED for known vulnerabilities: /);
});
