/** What a right is called in a pasted list, and what it gives. */
const RIGHTS = {
  view: { read: true, write: false, owner: false },
  control: { read: true, write: true, owner: false },
  owner: { read: true, write: true, owner: true },
} as const;

export type RightName = keyof typeof RIGHTS;

/** The rights that a name stands for, as the API takes them. */
export const rightsOf = (name: RightName): (typeof RIGHTS)[RightName] => RIGHTS[name];

/** A user as the API takes it. */
export interface NewUser {
  readonly user: string;
  readonly password: string;
  readonly read: boolean;
  readonly write: boolean;
  readonly owner: boolean;
}

/** What is wrong with a line, of which the first one is 1. */
export interface LineFault {
  readonly line: number;
  readonly fault: 'columns' | 'right' | 'twice';
}

/**
 * Reads a pasted list of users: on each line a name, a password and, if it is not `view`, a right. The columns are
 * separated by tabs if there is one, as in what is copied from a table; else by semicolons or commas if every line has
 * them; else by spaces.
 */
export function readUserLines(text: string): { users: NewUser[]; faults: LineFault[] } {
  const lines = text
    .split(/\r\n|\r|\n/)
    .map((content, i) => ({ content: content.trim(), line: i + 1 }))
    .filter(({ content }) => content !== '');
  const separator = separatorOf(lines.map(({ content }) => content));
  const users = new Map<string, NewUser>();
  const faults: LineFault[] = [];
  for (const { content, line } of lines) {
    const [user = '', password = '', right = 'view', ...more] = content.split(separator).map((c) => c.trim());
    const name = right.toLowerCase() || 'view';
    if (user === '' || password === '' || more.some((column) => column !== ''))
      faults.push({ line, fault: 'columns' });
    else if (!isRight(name)) faults.push({ line, fault: 'right' });
    else if (users.has(user)) faults.push({ line, fault: 'twice' });
    else users.set(user, { user, password, ...RIGHTS[name] });
  }
  return { users: [...users.values()], faults };
}

const isRight = (name: string): name is RightName => Object.hasOwn(RIGHTS, name);

function separatorOf(lines: readonly string[]): string | RegExp {
  if (lines.some((line) => line.includes('\t'))) return '\t';
  return [';', ','].find((sign) => lines.every((line) => line.includes(sign))) ?? /\s+/;
}
