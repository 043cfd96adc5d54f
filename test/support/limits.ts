/**
 * Factor by which tests multiply promised time limits. A loaded machine may be this much slower before a test
 * fails. The bench measures exactly.
 */
const CONTRACT_SLACK = 5;

/** Returns the limit that tests assert for a promised time limit. */
export const withSlack = (contractMs: number): number => contractMs * CONTRACT_SLACK;
