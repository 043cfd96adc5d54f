/** Every type of event, with what it says. docs/events.md lists the same. */
export const EVENT_TYPES = {
  viewer_joined: 'A viewer has connected.',
  viewer_left: "A viewer's connection has ended.",
  user_changed: 'A user was added, changed or removed, by whatever means.',
  resized: 'The desktop has another size.',
  clipboard_changed: "The desktop's clipboard has another content.",
  bottleneck_crossed: 'A current number of get_bottleneck_stats fell below 5, or is 5 or more again.',
  screen_changed: 'The screen shows something new.',
  screen_settled: 'The screen has not changed for a second.',
  desktop_lost: 'The desktop has ended, or does not answer.',
  desktop_back: 'The desktop is there again.',
} as const;

export type EventType = keyof typeof EVENT_TYPES;

/** The connection that an event is about. */
export interface EventViewer {
  /** Id, as in get_bottleneck_stats. */
  readonly connection: string;
  readonly user: string;
  readonly address: string;
}

interface UserChanged {
  readonly type: 'user_changed';
  readonly user: string;
  readonly change: 'added' | 'changed' | 'removed';
  /** Rights after the change; all false for a user who was removed. */
  readonly read: boolean;
  readonly write: boolean;
  readonly owner: boolean;
  readonly password_changed: boolean;
}

interface BottleneckCrossed extends EventViewer {
  readonly type: 'bottleneck_crossed';
  readonly number: 'cpu' | 'network';
  readonly direction: 'down' | 'up';
  readonly value: number;
}

/**
 * What happened to the desktop, its viewers or its users. No event has content, such as texts, pixels or passwords.
 * The fields have the names that callers of the API see.
 */
export type DeskEvent =
  | ({ readonly type: 'viewer_joined' | 'viewer_left' } & EventViewer)
  | UserChanged
  | { readonly type: 'resized'; readonly width: number; readonly height: number }
  | {
      readonly type: 'clipboard_changed';
      /** MIME types of the content. None: the clipboard was cleared. */
      readonly formats: readonly string[];
      /** The viewer that set it. Null: a program of the desktop, or a call of the API. */
      readonly connection: string | null;
      readonly user: string | null;
    }
  | BottleneckCrossed
  | { readonly type: 'screen_changed' | 'screen_settled' | 'desktop_back' }
  | {
      readonly type: 'desktop_lost';
      /** Whether the server has given up starting the desktop until a client needs it. */
      readonly given_up: boolean;
    };

/** Why a reader gets fewer events than there were. */
export type MissedReason = 'too_slow' | 'too_old' | 'restarted';

/** An event as readers get it. `hello` begins each stream. `missed` stands for events that are not sent. */
export type ReceivedEvent =
  | (DeskEvent & {
      readonly id: string;
      /** When it happened, in ISO 8601, UTC. */
      readonly at: string;
      /** Events of the same type before it that were left out, because there were too many. */
      readonly omitted?: number;
    })
  | { readonly id: string; readonly type: 'hello' }
  | {
      readonly id: string;
      readonly type: 'missed';
      readonly reason: MissedReason;
      /** Null if the server does not know how many. */
      readonly count: number | null;
    };

/** Takes events. Returns at once and never throws. */
export interface EventSink {
  publish(event: DeskEvent): void;
  /**
   * Calls `follow` with true when a reader wants events of one of these types, and with false a while after the last one
   * has gone. What takes time to find out, such as whether the screen has settled, is published only meanwhile.
   */
  onFollowed(types: readonly EventType[], follow: (isFollowed: boolean) => void): void;
}

/** Takes events for nobody. */
export const NO_EVENTS: EventSink = { publish: () => undefined, onFollowed: () => undefined };

/** A change to one user, as accounts report it. */
interface ChangedAccount {
  readonly name: string;
  readonly user: { readonly read: boolean; readonly write: boolean; readonly owner: boolean } | undefined;
  readonly isNew?: true;
  readonly passwordChanged: boolean;
}

/** The event for a user that has changed. */
export function userEvent({ name, user, isNew, passwordChanged }: ChangedAccount): DeskEvent {
  const { read = false, write = false, owner = false } = user ?? {};
  const change = user === undefined ? 'removed' : isNew === true ? 'added' : 'changed';
  return {
    ...{ type: 'user_changed', user: name, change },
    ...{ read, write, owner, password_changed: passwordChanged },
  } as const;
}
