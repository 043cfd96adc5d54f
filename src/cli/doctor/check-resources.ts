import { readFreeMemory } from '../../common/free-memory.ts';
import { openFilesLimits } from '../../common/open-files-limits.ts';
import type { Config } from '../../config/config.ts';
import { areaPx } from '../../pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../pixels/shared-frame.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

const MIB = 1024 * 1024;

/** Memory of the server and its desktop without a viewer, beside the pixels: docs/memory.md. */
const BASE_BYTES = 160 * MIB;

/** Copies of the screen that are kept: the X server's, and two of the server's own. */
const COPIES = 3;

/** Memory below which the server starts, but soon refuses viewers. */
const SCARCE_BYTES = 128 * MIB;

/** Descriptors beside those of connections: files, threads and the desktop. */
const OTHER_DESCRIPTORS = 128;

/** Fewest connections that are of use: a browser opens up to seven. */
const FEWEST_CONNECTIONS = 16;

/** Checks memory and file descriptors. */
export async function checkResources(config: Pick<Config, 'maxSize' | 'maxConnections'>): Promise<Finding[]> {
  return [judgeMemory(config, await readFreeMemory()), judgeDescriptors(config, openFilesLimits().soft)];
}

export function judgeMemory(
  { maxSize }: Pick<Config, 'maxSize'>,
  memory: readonly { readonly freeBytes: number }[],
): Finding {
  if (memory.length === 0) return ok('memory', 'cannot be read here');
  const free = Math.min(...memory.map(({ freeBytes }) => freeBytes));
  const needed = BASE_BYTES + COPIES * areaPx(maxSize) * BYTES_PER_PIXEL;
  const text = `${mib(free)} free; the server and its desktop take up to ${mib(needed)}, and each viewer 10 MiB`;
  const remedy = 'end other programs, give the container more memory, or choose a smaller --max-size';
  if (free < needed) return failed('memory', text, remedy);
  return free < needed + SCARCE_BYTES ? warning('memory', text, remedy) : ok('memory', text);
}

/** `limit` is how many descriptors may be open. */
export function judgeDescriptors({ maxConnections }: Pick<Config, 'maxConnections'>, limit: number): Finding {
  const left = limit - OTHER_DESCRIPTORS;
  const detail = `${limit} can be open, and ${maxConnections} connections are allowed`;
  const wanted = maxConnections + OTHER_DESCRIPTORS;
  const remedy = `allow ${wanted} by ulimit -n ${wanted} or LimitNOFILE=${wanted}, or give a smaller --max-connections`;
  if (left < FEWEST_CONNECTIONS) return failed('descriptors', detail, remedy);
  return left < maxConnections ? warning('descriptors', detail, remedy) : ok('descriptors', detail);
}

const mib = (bytes: number): string => `${Math.floor(bytes / MIB)} MiB`;
