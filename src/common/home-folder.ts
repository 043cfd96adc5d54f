import { homedir } from 'node:os';

/** Returns the home folder of this process's user; the root folder for a user of a container who has no name. */
export function homeFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (env.HOME) return env.HOME;
  try {
    return homedir();
  } catch {
    return '/';
  }
}
