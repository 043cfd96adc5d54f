import type { Size } from '../pixels/rect.ts';
import type { DlpSettings } from './dlp/dlp-settings.ts';

/** All settings of a server. */
export interface Config extends Settings {
  /** What users may take out of the desktop and bring into it. The YAML file alone sets it. */
  readonly dataLossPrevention: DlpSettings;
}

/** Settings that have one flag, one YAML key and one DESKWIRE_… variable each. */
export interface Settings {
  /** Address to listen on. */
  readonly listen: string;
  /** TCP port; 0 means any free port. */
  readonly port: number;
  /** Size of the desktop at start. */
  readonly size: Size;
  /** Largest size that viewers can give the desktop. */
  readonly maxSize: Size;
  /** Frames per second at most, 1-60. */
  readonly maxFps: number;
  /** Share of the screen, in per cent, that must keep changing for video mode. */
  readonly videoArea: number;
  /** Seconds for which it must keep changing. */
  readonly videoTime: number;
  /** Seconds of calm after which video mode ends. */
  readonly videoOutTime: number;
  /** Tight quality level in video mode, 0-9. */
  readonly jpegVideoQuality: number;
  /** Size into which video mode scales the screen down. */
  readonly maxVideoResolution: Size;
  readonly videoScaling: 'area' | 'nearest';
  /** X display to attach to, such as ":7". Undefined: start one. */
  readonly display: string | undefined;
  /** Shell command line to start on the desktop. Undefined: a window manager and a terminal. */
  readonly run: string | undefined;
  /** Unix user that the desktop's programs run as. Undefined: one of our own if root started the server. */
  readonly desktopUser: string | undefined;
  /** Folder of users and certificate. */
  readonly data: string;
  /** Name of the first owner. */
  readonly owner: string | undefined;
  /** File whose first line is the first owner's password. */
  readonly ownerPasswordFile: string | undefined;
  /** Descriptor, open when the server starts, from which that line is read. */
  readonly ownerPasswordFd: number | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** KasmVNC password file to import users from. */
  readonly kasmpasswd: string | undefined;
  /** Other origins whose pages may call the API and show the desktop. */
  readonly allowOrigin: readonly string[];
  /** Addresses and networks of proxies whose X-Forwarded-… headers are believed. */
  readonly trustProxy: readonly string[];
  /** TCP congestion control of viewers' connections. Undefined: that of the system. */
  readonly tcpCongestion: string | undefined;
  /** Connections at most, viewers and calls together. */
  readonly maxConnections: number;
  /** The same from one address, or one /64 of IPv6. */
  readonly maxConnectionsPerAddress: number;
  /** New connections from one address in a second, in the long run. */
  readonly maxConnectRate: number;
  /** Viewers at most. */
  readonly maxViewers: number;
  readonly maxViewersPerUser: number;
  readonly maxViewersPerAddress: number;
  /** Memory of the server's process, in MiB, at which new connections are refused. Undefined: only the system's limits. */
  readonly maxMemory: number | undefined;
  /** File of the audit trail. Undefined: one in the data folder. */
  readonly auditLog: string | undefined;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
}
