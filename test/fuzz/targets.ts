import type { FuzzTarget } from './fuzz-target.ts';
import { clientMessages } from './targets/client-messages.ts';
import { handshakes } from './targets/handshakes.ts';
import { headers } from './targets/headers.ts';
import { json } from './targets/json.ts';
import { kasmPasswords } from './targets/kasm-passwords.ts';
import { pagePixels } from './targets/page-pixels.ts';
import { png } from './targets/png.ts';
import { query } from './targets/query.ts';
import { security } from './targets/security.ts';
import { usersFile } from './targets/users-file.ts';
import { xPackets } from './targets/x-packets.ts';
import { yaml } from './targets/yaml.ts';

/** Each part of the product that takes bytes from outside. */
export const TARGETS: readonly FuzzTarget[] = [
  clientMessages,
  handshakes,
  security,
  pagePixels,
  query,
  json,
  headers,
  yaml,
  usersFile,
  kasmPasswords,
  png,
  xPackets,
];

export function targetNamed(name: string): FuzzTarget {
  const target = TARGETS.find((one) => one.name === name);
  if (target === undefined)
    throw new Error(`There is no target ${name}; there are ${TARGETS.map((one) => one.name).join(', ')}.`);
  return target;
}
