/** Calls back after `ms` milliseconds. The returned function cancels that. */
export type After = (ms: number, callback: () => void) => () => void;

/** By the real clock. */
export const afterReal: After = (ms, callback) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
};
