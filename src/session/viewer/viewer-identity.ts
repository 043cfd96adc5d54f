import type { Pass } from '../../accounts/pass.ts';
import type { Rights } from '../../accounts/user.ts';
import type { Overlay } from '../../encode/overlay/overlay.ts';
import type { FrameCounters } from '../../stats/frame-counters.ts';
import type { UserLimits } from '../dlp/user-limits.ts';
import type { VideoSettings } from '../picture/video-settings.ts';
import type { UpdateSender } from './update-sender.ts';
import type { ViewerAudit } from './viewer-audit.ts';

/** Facts about one connection that do not depend on what the viewer sends. */
export interface ViewerIdentity {
  readonly id: string;
  readonly user: string;
  /** The token or ticket of the login. Undefined for a login with the user's password. */
  readonly pass: Pass | undefined;
  readonly rights: Rights;
  /** Whether a viewer who may write can resize the desktop. */
  readonly mayResize: boolean;
  readonly connectedSince: Date;
  /** Shortest time from frame to frame, in milliseconds. */
  readonly limitMs: number;
  /** Video mode for viewers that do not set it. */
  readonly video: VideoSettings;
  readonly audit: ViewerAudit;
  /** What the user may take out of the desktop and bring into it. */
  readonly limits: UserLimits;
  /** Encoder threads' time that the user's viewers share. */
  readonly encoder: UpdateSender['encoder'];
  /** Counts what viewers are sent. */
  readonly counters: FrameCounters;
  /** Whether security type and login have been handled, so that ClientInit comes first. */
  readonly isSecured: boolean;
  /** The address that the viewer came from. */
  readonly address: string;
  /** What is burnt into the viewer's pixels at first. */
  readonly overlay: Overlay | undefined;
}
