import type { Size } from '../pixels/rect.ts';
import type { ClipboardFormat } from '../protocol/clipboard-content.ts';
import type { PrimaryRule } from './clipboard-values.ts';
import type { DlpSettings } from './dlp/dlp-settings.ts';
import type { ListenPlace, PlainHttp } from './listen-place.ts';

/** All settings of a server. */
export interface Config extends Settings {
  /** What users may take out of the desktop and bring into it. The YAML file alone sets it. */
  readonly dataLossPrevention: DlpSettings;
}

/** Settings that have one flag, one YAML key and one DESKWIRE_… variable each. */
export interface Settings {
  /** Addresses and Unix sockets to listen on. */
  readonly listen: readonly ListenPlace[];
  /** TCP port; 0 means any free port. */
  readonly port: number;
  /** Where the server speaks plain HTTP instead of HTTPS. Unix sockets always have plain HTTP. */
  readonly insecureHttp: PlainHttp;
  /** Path below which a proxy shows the server, such as `/desk`. Undefined: the root. */
  readonly basePath: string | undefined;
  /** Size of the desktop at start. */
  readonly size: Size;
  /** Largest size that viewers can give the desktop. */
  readonly maxSize: Size;
  /** Whether viewers who may write can resize the desktop. */
  readonly allowResize: boolean;
  /** Dots per inch that programs are told. Undefined: 96, or what an attached display has. */
  readonly dpi: number | undefined;
  /** Whether the desktop's own X server has GLX. */
  readonly gl: boolean;
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
  /** Whether viewers are sent what is copied in the desktop. */
  readonly clipboardToClient: boolean;
  /** Bytes of the largest content that they are sent, in all its forms together. */
  readonly clipboardToClientSize: number;
  /** When they are also sent what is only marked. */
  readonly clipboardPrimary: PrimaryRule;
  /** Whether viewers may set the desktop's clipboard. */
  readonly clipboardToServer: boolean;
  readonly clipboardToServerSize: number;
  /** The forms that pass, in both directions. */
  readonly clipboardTypes: readonly ClipboardFormat[];
  /** Milliseconds between two uses of the clipboard by one user. */
  readonly clipboardDelay: number;
  /** X display to attach to, such as ":7". Undefined: start one. */
  readonly display: string | undefined;
  /** Shell command line to start on the desktop. Undefined: a desktop with a panel. */
  readonly run: string | undefined;
  /** Unix user that the desktop's programs run as. Undefined: one of our own if root started the server. */
  readonly desktopUser: string | undefined;
  /** File with further variables of the desktop's programs. */
  readonly environmentFile: string | undefined;
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
  /** Header in which trusted proxies name the user, who needs no password then. */
  readonly trustUserHeader: string | undefined;
  /** File with the epoch and the key of a fleet's edge, which alone is answered then. */
  readonly edgeKeyFile: string | undefined;
  /** TCP port of RFB, for viewers without WebSocket, on the addresses of `listen`. 0 means any free port. */
  readonly rfbPort: number | undefined;
  /** Unix socket of RFB. */
  readonly rfbSocket: string | undefined;
  /** File with the password of VNC authentication, which RFB offers then. */
  readonly vncPasswordFile: string | undefined;
  /** User whose rights viewers have that know that password. */
  readonly vncUser: string | undefined;
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
  /** Whether any number of viewers share the desktop, or one has it. */
  readonly sessionType: 'shared' | 'exclusive';
  /** Whether a viewer of another user ends the one that has an exclusive session. Otherwise the newcomer is refused. */
  readonly exclusiveTakeOver: boolean;
  /** Memory of the server's process, in MiB, at which new connections are refused. Undefined: only the system's limits. */
  readonly maxMemory: number | undefined;
  /** URLs that events are sent to. */
  readonly webhook: readonly string[];
  /** Types of the events that are sent there. */
  readonly webhookEvents: readonly string[];
  /** File whose first line signs them. Undefined: one in the data folder. */
  readonly webhookSecretFile: string | undefined;
  /** File of the audit trail. Undefined: one in the data folder. */
  readonly auditLog: string | undefined;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
}
