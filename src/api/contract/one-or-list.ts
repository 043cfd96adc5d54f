import type { Static, TArray, TObject, TUnion } from 'typebox';
import { apiProblem } from './errors.ts';
import { parseJson } from './json-body.ts';
import { objectFault } from './object-body.ts';
import { Type } from './schema.ts';

/** A body that is one object, or a list of objects. */
export type OneOrList<One extends TObject = TObject, Entry extends TObject = TObject> = TUnion<
  [One, TArray<Entry>]
>;

/** The schema of such a body. A list has 1 to `maxItems` entries. */
export const oneOrList = <One extends TObject, Entry extends TObject>(
  one: One,
  entry: Entry,
  maxItems: number,
): OneOrList<One, Entry> => Type.Union([one, Type.Array(entry, { minItems: 1, maxItems })]);

/**
 * Parses such a body. The error of a list has the first fault of each invalid entry. It never has a value in it,
 * because that may be a secret.
 */
export function parseOneOrList<T extends OneOrList>(schema: T, bytes: Uint8Array | undefined): Static<T> {
  const [one, list] = schema.anyOf;
  const body = parseJson(bytes);
  if (!Array.isArray(body)) {
    const fault = objectFault(one, body, 'body');
    if (fault !== undefined) throw apiProblem(fault.code, fault.detail);
    return body as Static<T>;
  }
  const { maxItems = Infinity } = list as { readonly maxItems?: number };
  if (body.length === 0 || body.length > maxItems)
    throw apiProblem(
      'API_LIST_LENGTH',
      `The list has ${body.length} entries; a call takes 1 to ${maxItems}.`,
    );
  const faults = body.flatMap((entry, index) => {
    const fault = objectFault(list.items, entry, 'entry');
    return fault === undefined ? [] : [{ index, user: undefined, ...fault }];
  });
  const [first, second] = faults;
  if (first === undefined) return body as Static<T>;
  const code = second === undefined ? first.code : 'API_ENTRIES_INVALID';
  throw apiProblem(code, `Entry ${first.index}: ${first.detail}`, { errors: faults });
}
