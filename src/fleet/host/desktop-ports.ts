import { createServer } from 'node:net';

/** The first and the last TCP port at which desktops may listen. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

interface Place {
  readonly address: string;
  readonly ports: PortRange;
}

/** A port of the range that no other desktop has and at which nothing listens. Undefined if there is none. */
export async function freePort(
  { address, ports: { first, last } }: Place,
  taken: ReadonlySet<number | undefined>,
): Promise<number | undefined> {
  const count = last - first + 1;
  // Not always the first one: a viewer of the desktop before may still try to reach it.
  const begin = Math.floor(Math.random() * count);
  for (let i = 0; i < count; i++) {
    const port = first + ((begin + i) % count);
    if (!taken.has(port) && (await isFree(port, address))) return port;
  }
  return undefined;
}

function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
