import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readRegularFile } from '../common/read-regular-file.ts';
import { writeFileAtomically } from '../common/write-file-atomically.ts';
import { ConfigError } from '../config/errors.ts';

/** File in the data folder that is made if no other one is set. */
const DEFAULT_NAME = 'webhook-secret';

/** Characters of a secret. A shorter one can be guessed from one delivery. */
const LEAST_SECRET_LENGTH = 16;

const MOST_FILE_BYTES = 4096;

export interface SecretPlace {
  /** Undefined: a file in the data folder. */
  readonly webhookSecretFile: string | undefined;
  readonly data: string;
}

/** The first line of the secret's file. Makes the default file if it is missing. Throws ConfigError CFG_WEBHOOK. */
export async function readWebhookSecret({ webhookSecretFile, data }: SecretPlace): Promise<string> {
  const path = webhookSecretFile ?? join(data, DEFAULT_NAME);
  try {
    return firstLine(path);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (error instanceof ConfigError) throw error;
    if (!isMissing || webhookSecretFile !== undefined) throw unusable(path, 'it cannot be read', error);
  }
  const secret = randomBytes(32).toString('hex');
  try {
    await writeFileAtomically(path, `${secret}\n`);
  } catch (error) {
    throw unusable(path, 'it cannot be made; give --webhook-secret-file', error);
  }
  return secret;
}

function firstLine(path: string): string {
  const found = readRegularFile(path, MOST_FILE_BYTES);
  if (found.kind !== 'text') throw unusable(path, 'it is no file of a few bytes');
  const [line = ''] = found.text.split(/\r?\n/, 1);
  if (line.length < LEAST_SECRET_LENGTH)
    throw unusable(path, `its first line must have ${LEAST_SECRET_LENGTH} characters or more`);
  return line;
}

function unusable(path: string, why: string, cause?: unknown): ConfigError {
  return new ConfigError('CFG_WEBHOOK', `The secret of webhooks in ${path} cannot be used: ${why}.`, {
    cause,
  });
}
