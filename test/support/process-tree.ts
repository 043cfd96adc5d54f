import { readdirSync, readFileSync } from 'node:fs';

/** Fields of /proc/PID/stat, counted from the one after the command's closing parenthesis: proc(5). */
export const PARENT = 1;
/** In clock ticks since the machine started. */
export const STARTED_AT = 19;

/** Returns `pid` and all its descendants, as they are now. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))?.[PARENT] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(children.get(member) ?? []));
  return tree;
}

/** Returns the fields of /proc/PID/stat behind the command, or undefined if the process is gone. */
export function statFields(pid: number): string[] | undefined {
  const text = readProc(pid, 'stat');
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Returns a file of /proc/PID, or undefined if the process is gone or the file may not be read. */
export function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** Returns the processes whose file `file` in /proc has the text. */
export function processesWith(file: 'cmdline' | 'environ', text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && readProc(Number(name), file)?.includes(text))
    .map(Number);
}

/** Returns all processes of the desktop whose runtime folder is `dir`, wherever they are in the tree. */
export const desktopProcesses = (dir: string): number[] =>
  processesWith('environ', `DESKWIRE_RUNTIME_DIR=${dir}`);
