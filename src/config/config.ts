import type { Size } from '../pixels/rect.ts';

/** Everything a server can be told: one flag, one YAML key and one DESKWIRE_… variable each. */
export interface Config {
  /** Address to listen on. */
  readonly listen: string;
  /** TCP port; 0 means any free one. */
  readonly port: number;
  /** The desktop's size at start. */
  readonly size: Size;
  /** The largest size it can be given. */
  readonly maxSize: Size;
  /** Frames a second at most, 1-60. */
  readonly maxFps: number;
  /** Video mode begins where more than this much of the screen keeps changing, per cent. */
  readonly videoArea: number;
  /** For so many seconds. */
  readonly videoTime: number;
  /** It ends after so many seconds of calm. */
  readonly videoOutTime: number;
  /** Tight quality level of video, 0-9. */
  readonly jpegVideoQuality: number;
  /** The screen is scaled down to fit this in video mode. */
  readonly maxVideoResolution: Size;
  readonly videoScaling: 'area' | 'nearest';
  /** X display to attach to, such as ":7"; undefined starts one. */
  readonly display: string | undefined;
  /** Shell command line to start in the desktop; undefined means a window manager and a terminal. */
  readonly run: string | undefined;
  /** Folder of users and certificate. */
  readonly data: string;
  /** Name of the first owner. */
  readonly owner: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** A KasmVNC password file to import users from. */
  readonly kasmpasswd: string | undefined;
  /** Origins besides our own whose pages may call the API and open the desktop. */
  readonly allowOrigin: readonly string[];
  /** Addresses of proxies whose X-Forwarded-… headers are believed. */
  readonly trustProxy: readonly string[];
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
}
