/**
 * Calls `onChange` whenever the device pixel ratio changes: by the browser's zoom, or on another screen. A media query
 * reports only one change away from the ratio that it names. `signal` ends it.
 */
export function watchPixelRatio(onChange: () => void, signal: AbortSignal): void {
  const query = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
  query.addEventListener(
    'change',
    () => {
      onChange();
      watchPixelRatio(onChange, signal);
    },
    { once: true, signal },
  );
}
