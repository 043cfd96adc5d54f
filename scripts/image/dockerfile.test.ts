import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseDockerfile } from './dockerfile.ts';

const TEXT = readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8');

test('a Dockerfile is read with its stages, steps and start', () => {
  const text = `# A comment.
ARG RELEASE=12
FROM node:\${RELEASE} AS build
COPY a b ./
RUN one \\
    && two
FROM debian:\${RELEASE}
COPY --from=build /a /b
ENV A=1 \\
    B=x=y
WORKDIR /home
USER 1000:1000
VOLUME /data
EXPOSE 8443
HEALTHCHECK --timeout=5s CMD ["check", "it"]
ENTRYPOINT ["run"]
CMD ["me"]
`;
  assert.deepEqual(parseDockerfile(text, { RELEASE: '13' }), {
    stages: [
      {
        image: 'node:13',
        name: 'build',
        steps: [
          { kind: 'copy', from: undefined, sources: ['a', 'b'], target: './' },
          { kind: 'run', command: 'one && two' },
        ],
      },
      {
        image: 'debian:13',
        name: undefined,
        steps: [
          { kind: 'copy', from: 'build', sources: ['/a'], target: '/b' },
          { kind: 'env', name: 'A', value: '1' },
          { kind: 'env', name: 'B', value: 'x=y' },
          { kind: 'workdir', path: '/home' },
          { kind: 'user', user: '1000:1000' },
        ],
      },
    ],
    start: { entrypoint: ['run'], command: ['me'], healthCheck: ['check', 'it'], volumes: ['/data'] },
  });
});

test('an instruction of a Dockerfile that is not understood is an error', () => {
  assert.throws(() => parseDockerfile('FROM a\nADD b c\n'), /ADD/);
  assert.throws(() => parseDockerfile('FROM a\nCOPY --chown=1 b c\n'), /--chown/);
  assert.throws(() => parseDockerfile('RUN a\n'), /before FROM/);
});

test('the Dockerfile has two stages, no root at its end, and a health check', () => {
  const { stages, start } = parseDockerfile(TEXT);
  assert.deepEqual(
    stages.map(({ image }) => image),
    ['node:24-bookworm-slim', 'debian:bookworm-slim'],
  );
  const users = stages.at(-1)!.steps.filter(({ kind }) => kind === 'user');
  assert.deepEqual(users, [{ kind: 'user', user: '1000:1000' }]);
  assert.deepEqual(start.healthCheck, ['deskwire', 'health']);
  assert.deepEqual(parseDockerfile(TEXT, { DEBIAN: 'trixie' }).stages[1]!.image, 'debian:trixie-slim');
});

test('the image has every Debian package that the server needs', async () => {
  const { packagesToServe } = (await import('../setup/debian.mjs' as string)) as {
    packagesToServe(): string[];
  };
  const installed = parseDockerfile(TEXT)
    .stages.at(-1)!
    .steps.flatMap((step) => {
      if (step.kind !== 'run' || !step.command.includes('apt-get install')) return [];
      return step.command
        .split('&&')
        .find((part) => part.includes('apt-get install'))!
        .trim()
        .split(/\s+/);
    });
  assert.deepEqual(
    packagesToServe().filter((name) => !installed.includes(name)),
    [],
  );
});
