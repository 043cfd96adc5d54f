import { apiProblem } from '../../api/contract/errors.ts';
import { type EntryProblem, Problem } from '../../http/problems/errors.ts';

/**
 * Does the same with each entry of a list that is applied as a whole. Throws one Problem with the reasons of all
 * entries that are refused. For a body that was one object, throws its Problem as it is.
 */
export function forEntries<Entry, Result>(
  body: Entry | readonly Entry[],
  act: (entry: Entry) => Result,
): Result[] {
  if (!isList(body)) return [act(body)];
  const results: Result[] = [];
  const refused: { readonly index: number; readonly problem: Problem }[] = [];
  for (const [index, entry] of body.entries()) {
    try {
      results.push(act(entry));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      refused.push({ index, problem: error });
    }
  }
  const [first] = refused;
  if (first === undefined) return results;
  const errors = refused.map(({ index, problem: { code, detail } }): EntryProblem => {
    return { index, user: undefined, code, detail };
  });
  const detail = `Entry ${first.index}: ${first.problem.detail}`;
  const isOneKind = errors.every(({ code }) => code === first.problem.code);
  if (!isOneKind) throw apiProblem('API_ENTRIES_INVALID', detail, { errors });
  throw new Problem(first.problem.code, first.problem, detail, { errors });
}

/** A body that is one object or a list, as a list. */
export const asList = <Entry>(body: Entry | readonly Entry[]): readonly Entry[] =>
  isList(body) ? body : [body];

const isList = <Entry>(body: Entry | readonly Entry[]): body is readonly Entry[] => Array.isArray(body);
