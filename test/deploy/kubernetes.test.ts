import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { containerOf, podOf, readManifests } from '../../scripts/image/kubernetes.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { areaPx } from '../../src/pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../src/pixels/shared-frame.ts';

const YAML = readFileSync(join(import.meta.dirname, '../../deploy/kubernetes/deskwire.yaml'), 'utf8');
const INGRESS = readFileSync(join(import.meta.dirname, '../../deploy/kubernetes/ingress.yaml'), 'utf8');
const MIB = 1024 * 1024;

test('the manifests are those of a secret, a volume, a deployment and a service', () => {
  assert.deepEqual(
    readManifests(YAML).map(({ kind }) => kind),
    ['Secret', 'PersistentVolumeClaim', 'Deployment', 'Service'],
  );
});

test('the pod runs as a user, with a read-only root and without capabilities', () => {
  const { securityContext, containers } = podOf(readManifests(YAML));
  assert.equal(securityContext.runAsNonRoot, true);
  const own = containers[0]!.securityContext;
  assert.equal(own.readOnlyRootFilesystem, true);
  assert.equal(own.allowPrivilegeEscalation, false);
  assert.deepEqual(own.capabilities, { drop: ['ALL'] });
});

test('the probes ask the paths that the server has, by HTTPS, at its port', () => {
  const { ports, startupProbe, livenessProbe, readinessProbe } = podOf(readManifests(YAML)).containers[0]!;
  assert.deepEqual(
    [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet),
    ['/readyz', '/healthz', '/readyz'].map((path) => ({ path, port: 'https', scheme: 'HTTPS' })),
  );
  const { config } = loadConfig(new Map(), containerOf(YAML).env, '/');
  assert.deepEqual(ports, [{ name: 'https', containerPort: config.port }]);
});

test('the ingress leads to the service, by the protocol that its port has', () => {
  const { metadata, spec } = parse(INGRESS);
  const service = readManifests(YAML).find(({ kind }) => kind === 'Service') as unknown as {
    metadata: { name: string };
    spec: { ports: { name: string }[] };
  };
  const [{ backend }] = spec.rules[0].http.paths;
  assert.deepEqual(backend.service, {
    name: service.metadata.name,
    port: { name: service.spec.ports[0]!.name },
  });
  assert.equal(metadata.annotations['nginx.ingress.kubernetes.io/backend-protocol'], 'HTTPS');
  assert.equal(spec.rules[0].host, spec.tls[0].hosts[0]);
});

test('every variable of the container is a setting, and its screen fits into its /dev/shm', () => {
  const { env, folders } = containerOf(YAML);
  const { config, warnings } = loadConfig(new Map(), env, '/');
  assert.deepEqual(warnings, []);
  const { sizeMib } = folders.find(({ path }) => path === '/dev/shm')!;
  assert.ok(areaPx(config.maxSize) * BYTES_PER_PIXEL < sizeMib * MIB);
  assert.ok(folders.some(({ path }) => path === config.data));
  for (const path of ['/tmp', '/home/deskwire'])
    assert.ok(
      folders.some((folder) => folder.path === path),
      path,
    );
});
