import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { readManifests } from '../../scripts/image/kubernetes.ts';
import { EDGE_COMMAND } from '../../src/cli/edge.ts';
import { type FleetCommand, readFleetCommand } from '../../src/cli/fleet-command.ts';
import { JOIN_COMMAND } from '../../src/cli/join.ts';
import { loadConfig } from '../../src/config/load-config.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const read = (file: string): string => readFileSync(join(DEPLOY, file), 'utf8');

/** What a command does that a platform starts with these arguments, in which it replaces `$(NAME)` or `${NAME}`. */
function rolesOf(command: FleetCommand, args: readonly string[], variables: Record<string, string>) {
  const given = args.map((argument) =>
    argument.replace(/\$[({](\w+)[)}]/g, (_whole, name: string) => {
      assert.ok(variables[name] !== undefined, `${name} is set`);
      return variables[name];
    }),
  );
  const { values, begun } = readFleetCommand(command, given, (flags) => loadConfig(flags, {}, '/').config);
  return command.roles(values, begun);
}

const joinArgs = ([first, second, ...rest]: readonly string[]): readonly string[] => {
  assert.deepEqual([first, second], ['desktop', '--join']);
  return rest;
};

// biome-ignore lint/suspicious/noExplicitAny: manifests of several platforms.
type Manifest = any;

test('each pod of Kubernetes joins by its own name and address, and has its store from a secret', () => {
  const manifests: Manifest[] = readManifests(read('kubernetes/joined-desktops.yaml'));
  assert.deepEqual(
    manifests.map(({ kind }) => kind),
    ['Secret', 'Service', 'StatefulSet', 'NetworkPolicy'],
  );
  const [secret, service, set, policy] = manifests;
  const pod = set.spec.template.spec;
  const [container] = pod.containers;
  const { join: role } = rolesOf(JOIN_COMMAND, joinArgs(container.args), {
    POD_NAME: 'class-7b-0',
    POD_IP: '10.1.2.3',
  });
  assert.deepEqual(
    [role!.desktop, role!.address, role!.settings.labels],
    ['class-7b-0', '10.1.2.3', ['class=7b']],
  );
  const { containerPort } = container.ports[0];
  assert.deepEqual(role!.ports, { first: containerPort, last: containerPort });
  assert.equal(policy.spec.ingress[0].ports[0].port, containerPort);
  const fields = Object.fromEntries(
    container.env.map(({ name, valueFrom }: Manifest) => [name, valueFrom?.fieldRef?.fieldPath]),
  );
  assert.deepEqual([fields.POD_NAME, fields.POD_IP], ['metadata.name', 'status.podIP']);
  const store = container.env.find(({ name }: Manifest) => name === 'DESKWIRE_STORE').valueFrom.secretKeyRef;
  assert.equal(store.name, secret.metadata.name);
  assert.ok(store.key in secret.stringData);
  assert.equal(set.spec.serviceName, service.metadata.name);
  assert.deepEqual(set.spec.selector.matchLabels, set.spec.template.metadata.labels);
  assert.deepEqual(policy.spec.podSelector, set.spec.selector);
  assert.equal(pod.securityContext.runAsNonRoot, true);
  assert.equal(container.securityContext.readOnlyRootFilesystem, true);
  assert.deepEqual(container.securityContext.capabilities, { drop: ['ALL'] });
  const volumes = pod.volumes.map(({ name }: Manifest) => name);
  for (const { name } of container.volumeMounts) assert.ok(volumes.includes(name), name);
  assert.ok(container.volumeMounts.some(({ mountPath }: Manifest) => mountPath === '/data'));
});

test('each allocation of Nomad joins by its own name, at the port that it was given', () => {
  const { Job }: Manifest = JSON.parse(read('nomad/joined-desktops.nomad.json'));
  const [group] = Job.TaskGroups;
  const [task] = group.Tasks;
  const { join: role } = rolesOf(JOIN_COMMAND, joinArgs(task.Config.args), {
    ...{ NOMAD_ALLOC_INDEX: '3', NOMAD_HOST_IP_desktop: '10.1.2.3', NOMAD_HOST_PORT_desktop: '23456' },
  });
  assert.deepEqual([role!.desktop, role!.ports], ['class-7b-3', { first: 23_456, last: 23_456 }]);
  assert.equal(group.Networks[0].DynamicPorts[0].Label, 'desktop');
  assert.match(task.Templates[0].EmbeddedTmpl, /^DESKWIRE_STORE=/);
  assert.equal(task.Templates[0].Envvars, true);
});

test('the services of compose are an edge, its store, and desktops that join under their own names', () => {
  const { services, volumes }: Manifest = parse(read('compose/fleet.yaml'), { merge: true });
  const [command, ...edgeArgs] = services.edge.command;
  assert.equal(command, 'edge');
  assert.equal(rolesOf(EDGE_COMMAND, edgeArgs, {}).edge!.name, 'edge-1');
  const { DESKWIRE_STORE: store } = services.edge.environment;
  const { username, password, hostname, pathname } = new URL(store);
  const { POSTGRES_USER: user, POSTGRES_PASSWORD: secret, POSTGRES_DB: db } = services.postgres.environment;
  assert.deepEqual([username, password, hostname, pathname], [user, secret, 'postgres', `/${db}`]);
  for (const name of ['lab-1', 'lab-2']) {
    const { join: role } = rolesOf(JOIN_COMMAND, joinArgs(services[name].command), {});
    assert.deepEqual([role!.desktop, role!.address], [name, name]);
    assert.equal(services[name].environment.DESKWIRE_STORE, store);
  }
  for (const { volumes: mounted = [] } of Object.values<Manifest>(services))
    for (const mount of mounted) assert.ok(mount.split(':')[0] in volumes, mount);
});
