/** What a shell script runs in beside mounts and processes of its own, and what it takes. */
export interface Namespaces {
  /** Whether its mounts reach no other namespace, and its network has nothing but a loopback device. */
  readonly isAlone?: boolean;
}

/** Returns the arguments of `unshare` for a shell script with words. The script ends with the process of `unshare`. */
export const inNamespaces = (
  script: string,
  words: readonly string[],
  { isAlone = false }: Namespaces = {},
): string[] => [
  '--mount',
  ...(isAlone ? ['--propagation', 'private', '--net'] : []),
  '--pid',
  '--fork',
  '--kill-child',
  'sh',
  '-euc',
  script,
  'sh',
  ...words,
];
