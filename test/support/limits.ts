/**
 * What the contract's time limits are multiplied by in tests: a loaded machine may be this much slower before
 * a test says that the product is. The bench measures exactly.
 */
const CONTRACT_SLACK = 5;

/** A time limit of the contract as tests assert it. */
export const withSlack = (contractMs: number): number => contractMs * CONTRACT_SLACK;
