import { readdirSync, readFileSync } from 'node:fs';

/** Field of /proc/PID/stat, counted from the one after the command's closing parenthesis: proc(5). */
const PARENT = 1;

/** `pid` and every process under it, as they are at this moment. */
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

/** The fields of /proc/PID/stat behind the command, or undefined where the process is gone. */
export function statFields(pid: number): string[] | undefined {
  const text = readProc(pid, 'stat');
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** A file of /proc/PID, or undefined where the process is gone or not ours to ask. */
export function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
