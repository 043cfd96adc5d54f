/**
 * Makes docs/errors.md from the tables of error codes, which are the `errors.ts` files below each room of `src/`.
 * `node scripts/errors-page.ts` writes the page. A test compares the page with the tables.
 */
import { globSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

const ROOT = dirname(import.meta.dirname);
export const ERRORS_PAGE = join(ROOT, 'docs/errors.md');

/** The meaning of a code: a sentence, or a sentence with the HTTP status or the close code that goes with it. */
type Entry = string | { readonly status?: number; readonly closeCode?: number; readonly title: string };

const INTRODUCTION = `# Errors

Every error of Deskwire has a code that stays the same from version to version. Its wording may change. The API has the
code in \`code\` of its \`application/problem+json\`; the command line and the log print it with the message. A code with a
status is the answer to an HTTP request with that status. A code without one ends a connection, a start or a command.

This page is made from the tables in the code by \`node scripts/errors-page.ts\`.
`;

export async function errorsPage(): Promise<string> {
  const parts = [INTRODUCTION];
  for (const [room, entries] of await errorTables()) {
    const rows = entries.map(row);
    parts.push(`## ${room}\n\n| code | status | meaning |\n|---|---|---|\n${rows.join('\n')}\n`);
  }
  return parts.join('\n');
}

/** Every error code. */
export async function errorCodes(): Promise<string[]> {
  return (await errorTables()).flatMap(([, entries]) => entries.map(([code]) => code));
}

/** The entries of each room. */
async function errorTables(): Promise<[room: string, entries: [code: string, entry: Entry][]][]> {
  return Promise.all(
    globSync('src/**/errors.ts', { cwd: ROOT })
      .sort()
      .map(async (file) => {
        const tables: Record<string, unknown> = await import(join(ROOT, file));
        const entries = Object.entries(tables)
          .filter(([name]) => name.endsWith('_ERRORS'))
          .flatMap(([, table]) => Object.entries(table as Record<string, Entry>));
        return [file.split(sep)[1]!, entries] satisfies [string, [string, Entry][]];
      }),
  );
}

function row([code, entry]: [string, Entry]): string {
  const { status, closeCode, title } = typeof entry === 'string' ? { title: entry } : entry;
  return `| \`${code}\` | ${status ?? closeCode ?? ''} | ${title.replaceAll('|', '\\|')} |`;
}

if (import.meta.main) writeFileSync(ERRORS_PAGE, await errorsPage());
