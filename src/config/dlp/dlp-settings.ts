import type { VisibleRegion } from '../../pixels/visible-region.ts';
import type { ClipboardRules } from '../clipboard-rules.ts';

/** A watermark, drawn over everything that a viewer sees. */
export interface WatermarkSettings {
  readonly content:
    | { readonly kind: 'image'; readonly file: string }
    | {
        readonly kind: 'text';
        /** With `${USER}`, `${ADDRESS}` and the directives of strftime. */
        readonly template: string;
        /** Height of a line in pixels. */
        readonly sizePx: number;
        /** Counter-clockwise, in degrees. */
        readonly angle: number;
        /** Name of a time zone. Undefined: that of the server. */
        readonly timeZone: string | undefined;
      };
  /** Pixels from the left and upper border; negative ones from the right and lower border. Undefined: the centre. */
  readonly location: { readonly x: number; readonly y: number } | undefined;
  /** Pixels between the copies that cover the screen. 0 for one copy. */
  readonly spacingPx: number;
  /** Colour and opacity, each 0-255. */
  readonly tint: Tint;
}

export interface Tint {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly alpha: number;
}

/** What a user may take out of the desktop and bring into it. */
export interface DlpRules {
  /** Undefined if the user sees the whole screen. */
  readonly visibleRegion: VisibleRegion | undefined;
  /** Whether buttons may be pressed in the concealed region. */
  readonly allowsPress: boolean;
  /** Whether buttons are released in the concealed region. Otherwise they stay down until the pointer leaves it. */
  readonly allowsRelease: boolean;
  readonly clipboard: ClipboardRules;
  readonly keyboard: {
    readonly isEnabled: boolean;
    /** Key presses in a second. Infinity if there is no limit. */
    readonly pressesPerSecond: number;
  };
  readonly watermark: WatermarkSettings | undefined;
  /** Whether uses of clipboard and keyboard are logged, by direction and size. */
  readonly isLogged: boolean;
}

/** Data loss prevention of a server. */
export interface DlpSettings {
  /** Rules of users that have none of their own. */
  readonly forAll: DlpRules;
  /** Rules by user: those for all, overridden by the user's own. */
  readonly byUser: ReadonlyMap<string, DlpRules>;
}
