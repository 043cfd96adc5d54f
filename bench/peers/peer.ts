import type { Size } from '../../src/pixels/rect.ts';

/** Address that the viewer connects to. Plain data, because it is passed to the viewer's process. */
export type ViewerTarget =
  | { readonly kind: 'tcp'; readonly port: number }
  | {
      readonly kind: 'websocket';
      readonly url: string;
      readonly ca: string;
      readonly user: { readonly name: string; readonly password: string };
    };

/** A remote desktop server under measurement, started with its own desktop. */
export interface Peer {
  readonly name: string;
  /** Process id of the server. Processes that it started count too. */
  readonly pid: number;
  /** X display to paint on, and the environment that opens it. */
  readonly display: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly target: ViewerTarget;
  close(): Promise<void>;
}

export type StartPeer = (size: Size) => Promise<Peer>;
