const TRUE = /^(1|true|yes|on|)$/i;

/** Reads a switch of the page's address by any of its names. Undefined if the address has none of them. */
export function addressFlag(asked: URLSearchParams, ...names: readonly string[]): boolean | undefined {
  const value = names.map((name) => asked.get(name)).find((found) => found !== null);
  return value === undefined || value === null ? undefined : TRUE.test(value);
}
