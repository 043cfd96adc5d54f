import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import type { Size } from './pixels/rect.ts';

/** A server that answers. */
export interface RunningServer {
  /** Where a browser finds it, such as `https://127.0.0.1:8443/`. */
  readonly url: string;
  /** X display, such as `:1`. */
  readonly display: string;
  readonly size: Size;
  /** The owner made because there was none; `password` only where it was generated, to be shown once. */
  readonly newOwner: { readonly name: string; readonly password: string | undefined } | undefined;
  /** Tells the viewers, ends everything that was started, in any state, once. */
  close(): Promise<void>;
}

/** What the environment adds to the configuration: secrets never pass through flags or files. */
export interface Secrets {
  readonly ownerPassword: string | undefined;
}

/** Wires the rooms together: a configuration in, a running server out. Nothing is left behind when it fails. */
export async function startServer(_config: Config, _secrets: Secrets, _log: Logger): Promise<RunningServer> {
  throw new Error('not wired yet');
}
