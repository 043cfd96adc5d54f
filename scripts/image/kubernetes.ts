import { parseAllDocuments } from 'yaml';

/** What a container is given. */
export interface Container {
  readonly env: Readonly<Record<string, string>>;
  /** Folders that are mounted. */
  readonly folders: readonly { readonly path: string; readonly mode: string; readonly sizeMib: number }[];
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

interface Volume {
  readonly name: string;
  readonly emptyDir?: { readonly sizeLimit?: string };
  readonly persistentVolumeClaim?: object;
  readonly secret?: { readonly secretName: string };
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec: { readonly template: { readonly spec: Pod } };
}

export interface Pod {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumes: readonly Volume[];
  readonly containers: readonly {
    readonly env: readonly { readonly name: string; readonly value: string }[];
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    readonly securityContext: Readonly<Record<string, unknown>>;
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
    readonly startupProbe: Probe;
    readonly livenessProbe: Probe;
    readonly readinessProbe: Probe;
  }[];
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string; readonly scheme: string };
}

/** Mebibytes of a volume without a limit. */
const UNLIMITED_MIB = 256;

/** Reads the manifests of a file. Throws if one is no valid YAML. */
export function readManifests(yaml: string): Manifest[] {
  return parseAllDocuments(yaml).map((document) => {
    if (document.errors[0]) throw document.errors[0];
    return document.toJS() as Manifest;
  });
}

/** Returns the pod of the Deployment. */
export function podOf(manifests: readonly Manifest[]): Pod {
  return manifests.find(({ kind }) => kind === 'Deployment')!.spec.template.spec;
}

/** Returns what the first container of the Deployment is given. Volumes have the mode that Kubernetes gives them. */
export function containerOf(yaml: string): Container {
  const manifests = readManifests(yaml);
  const { volumes, containers } = podOf(manifests);
  const container = containers[0]!;
  const files: { path: string; text: string }[] = [];
  const folders = container.volumeMounts.map(({ name, mountPath: path }) => {
    const volume = volumes.find((one) => one.name === name);
    if (!volume) throw new Error(`there is no volume ${name}`);
    if (volume.secret) {
      const secret = manifests.find(
        ({ kind, metadata }) => kind === 'Secret' && metadata.name === volume.secret!.secretName,
      );
      for (const [key, text] of Object.entries(secret?.stringData ?? {}))
        files.push({ path: `${path}/${key}`, text });
    }
    const sizeMib = Number.parseInt(volume.emptyDir?.sizeLimit ?? String(UNLIMITED_MIB), 10);
    return { path, mode: '0777', sizeMib };
  });
  return { env: Object.fromEntries(container.env.map(({ name, value }) => [name, value])), folders, files };
}
