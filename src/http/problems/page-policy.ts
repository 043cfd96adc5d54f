import { createHash } from 'node:crypto';

/** A script in a document. Scripts that are files have a `src`. */
const IN_DOCUMENT = /<script>([\s\S]*?)<\/script>/g;

/**
 * Content policy of the page: it runs and loads only files of this server and what its `document` has in it, and makes
 * pictures itself. Pages of `frameOrigins` may show it in a frame.
 */
export function pagePolicy(frameOrigins: readonly string[], document = '', hasBase = false): string {
  const scripts = [...document.matchAll(IN_DOCUMENT)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${["'self'", ...scripts, "'wasm-unsafe-eval'"].join(' ')}`,
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    // The page's zstd decoder is WebAssembly in a data URL.
    "connect-src 'self' data:",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    // The page names its own path if a proxy shows it below another one.
    `base-uri ${hasBase ? "'self'" : "'none'"}`,
    "form-action 'none'",
    `frame-ancestors ${["'self'", ...frameOrigins].join(' ')}`,
  ].join('; ');
}
