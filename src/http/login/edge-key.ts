import { readFileSync } from 'node:fs';
import { ConfigError } from '../../config/errors.ts';
import type { EdgeKey } from './edge-trust.ts';

/** The epoch, a space and at least 256 bits, as in `3 w1tJ…`. */
const FORM = /^(\d{1,15}) ([A-Za-z0-9_-]{43,})\s*$/;

/** Writes what a host gives a desktop, for the file of `readEdgeKey`. */
export const writeEdgeKey = ({ epoch, key }: EdgeKey): string => `${epoch} ${key}\n`;

/** Reads the file with the key of a fleet's edge. Undefined without a file. Throws ConfigError. */
export function readEdgeKey(file: string | undefined): EdgeKey | undefined {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('CFG_EDGE_KEY', `${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
  const [, epoch, key] = FORM.exec(text) ?? [];
  if (epoch === undefined || key === undefined)
    throw new ConfigError(
      'CFG_EDGE_KEY',
      `${file} does not have an epoch and a key of 43 characters or more.`,
    );
  return { epoch: Number(epoch), key };
}
