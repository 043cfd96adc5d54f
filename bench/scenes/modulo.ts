/** Returns the remainder from 0 to `divisor`, of negative values too. */
export const modulo = (value: number, divisor: number): number => ((value % divisor) + divisor) % divisor;
