/** One step of a stage, with variables replaced. */
export type Step =
  | { readonly kind: 'run'; readonly command: string }
  | {
      readonly kind: 'copy';
      /** Name of the stage from which is copied; undefined for the folder of the Dockerfile. */
      readonly from: string | undefined;
      readonly sources: readonly string[];
      readonly target: string;
    }
  | { readonly kind: 'env'; readonly name: string; readonly value: string }
  | { readonly kind: 'workdir'; readonly path: string }
  | { readonly kind: 'user'; readonly user: string };

export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly steps: readonly Step[];
}

/** What a container is started with. */
export interface Start {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
  readonly volumes: readonly string[];
}

export interface Dockerfile {
  readonly stages: readonly Stage[];
  readonly start: Start;
}

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** Parses the part of the language that our Dockerfile uses. Throws at anything else. `args` are build arguments. */
export function parseDockerfile(text: string, args: Readonly<Record<string, string>> = {}): Dockerfile {
  const variables = new Map<string, string>();
  const stages: { image: string; name: string | undefined; steps: Step[] }[] = [];
  const start = {
    entrypoint: [] as string[],
    command: [] as string[],
    healthCheck: [] as string[],
    volumes: [] as string[],
  };
  const withVariables = (value: string): string =>
    value.replace(/\$\{(\w+)\}/g, (whole, name: string) => variables.get(name) ?? whole);
  const add = (step: Step): void => {
    const stage = stages.at(-1);
    if (!stage) throw new Error(`${step.kind} before FROM`);
    stage.steps.push(step);
  };
  for (const { word, rest } of instructions(text)) {
    switch (word) {
      case 'ARG': {
        const [name = '', value = ''] = splitAt(rest, '=');
        variables.set(name, args[name] ?? value);
        break;
      }
      case 'FROM': {
        const [image = '', as, name] = withVariables(rest).split(/\s+/);
        if (as !== undefined && as.toUpperCase() !== 'AS') throw new Error(`FROM ${rest} is not understood`);
        stages.push({ image, name, steps: [] });
        break;
      }
      case 'RUN':
        add({ kind: 'run', command: rest });
        break;
      case 'COPY':
        add(copyStep(rest));
        break;
      case 'ENV':
        for (const pair of rest.split(/\s+/)) {
          const [name = '', value = ''] = splitAt(pair, '=');
          add({ kind: 'env', name, value });
        }
        break;
      case 'WORKDIR':
        add({ kind: 'workdir', path: rest });
        break;
      case 'USER':
        add({ kind: 'user', user: rest });
        break;
      case 'VOLUME':
        start.volumes.push(...rest.split(/\s+/));
        break;
      case 'HEALTHCHECK':
        start.healthCheck = words(rest.slice(rest.indexOf('CMD') + 'CMD'.length));
        break;
      case 'ENTRYPOINT':
        start.entrypoint = words(rest);
        break;
      case 'CMD':
        start.command = words(rest);
        break;
      case 'EXPOSE':
        break;
      default:
        throw new Error(`the instruction ${word} is not understood`);
    }
  }
  return { stages, start };
}

/** Splits a text into instructions: without comments, and with continued lines joined. */
function instructions(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const joined = lines.join('\n').replace(/\\\n\s*/g, '');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [word = '', rest = ''] = splitAt(line.trim(), ' ');
      return { word: word.toUpperCase(), rest: rest.trim() };
    });
}

function copyStep(rest: string): Step {
  const parts = rest.split(/\s+/);
  const flag = parts[0]?.startsWith('--') ? parts.shift() : undefined;
  if (flag !== undefined && !flag.startsWith('--from=')) throw new Error(`COPY ${flag} is not understood`);
  const target = parts.pop();
  if (target === undefined || parts.length === 0) throw new Error(`COPY ${rest} lacks a target`);
  return { kind: 'copy', from: flag?.slice('--from='.length), sources: parts, target };
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

const words = (json: string): string[] => JSON.parse(json) as string[];
