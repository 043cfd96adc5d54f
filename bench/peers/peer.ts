import type { Size } from '../../src/pixels/rect.ts';

/** Where the viewer connects; plain data, for it crosses to the viewer's process. */
export type ViewerTarget =
  | { readonly kind: 'tcp'; readonly port: number }
  | {
      readonly kind: 'websocket';
      readonly url: string;
      readonly ca: string;
      readonly user: { readonly name: string; readonly password: string };
    };

/** A remote desktop server under measurement, started with a desktop of its own. */
export interface Peer {
  readonly name: string;
  /** Its process; everything it started counts with it. */
  readonly pid: number;
  /** X display to paint on, and the environment that opens it. */
  readonly display: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly target: ViewerTarget;
  close(): Promise<void>;
}

export type StartPeer = (size: Size) => Promise<Peer>;
