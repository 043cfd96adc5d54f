import { knownColours } from '../../encode/overlay/known-colours.ts';
import { markChanges } from '../../encode/overlay/mark-changes.ts';
import type { Overlay } from '../../encode/overlay/overlay.ts';
import type { PlannedCopies } from '../../encode/plan/plan-copies.ts';
import { hasLoss } from '../../encode/plan/plan-rects.ts';
import {
  type EncodeProfile,
  type LossyQuality,
  profileKey,
  sharpensAsWebp,
} from '../../encode/plan/profile.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import { intersect, type Rect, type Size, wholeOf } from '../../pixels/rect.ts';
import { visibleRect } from '../../pixels/visible-region.ts';
import { type PixelFormat, SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { NO_SETTINGS, type ViewerSettings } from '../../protocol/settings-from-encodings.ts';
import type { NextUpdate, SentPlan, ShownFrame, UpdatePlan, UpdateRect, UsualBytes } from '../frame/taker.ts';
import { Blur } from './blur.ts';
import { Lacks } from './lacks.ts';
import { LinkQuality, type Selection } from './link-quality.ts';
import { isFastLink, isSlowLink, profileOf, webpUseOf } from './profile-from-settings.ts';
import { qualityLadder } from './quality-ladder.ts';
import { contentOf, usualBytes, usualBytesPerPx, WEBP_BYTES_PER_PX } from './update-cost.ts';
import { VideoMode } from './video-mode.ts';
import { type VideoSettings, videoProfile, videoSettingsOf } from './video-settings.ts';

/**
 * Most pixels that are sharpened in one update. A larger piece lets a change that comes meanwhile wait for more than a
 * frame; a smaller one sharpens a screen in more updates. Table: docs/encoding.md, "Sharpening".
 */
const PIECE_PX = 256 * 1024;

/**
 * Longest time that a link is busy with one sharpened piece, in milliseconds. A longer one delays the next change, a
 * shorter one sharpens more slowly.
 */
const PIECE_MS = 50;

/**
 * Pixels, and milliseconds of the link, that are sharpened together with a change that needs all of PIECE_PX or
 * PIECE_MS itself. Without this share, a part of the screen that keeps changing would keep the still part blurred. A
 * larger share slows down the changing part.
 */
const LEAST_PIECE_PX = 32 * 1024;
const LEAST_PIECE_MS = 15;

/**
 * Most tiles that are sharpened in one update. Bounds the number of rects if their boxes are tiny: MOST_UPDATE_TILES.
 */
const MOST_PIECE_TILES = 1024;

/**
 * The picture of one viewer: how it is encoded, what the viewer has not been sent yet, and what it was sent with loss.
 */
export class ViewerPicture {
  readonly video: VideoMode;
  readonly #serverVideo: VideoSettings;
  readonly #lacks: Lacks;
  readonly #blur: Blur;
  /** Tiles that were sharpened as JPEG, because the link seemed too slow for no loss. */
  readonly #nearlySharp: Blur;
  readonly #quality = new LinkQuality();
  /** Time between two pieces in which the link carries nothing, in milliseconds. */
  #idleMs = 0;
  /** Whether some blurred tile may be sharpened now. */
  #mayBeSharpened = false;
  #settings: ViewerSettings = NO_SETTINGS;
  #format: PixelFormat = SERVER_PIXEL_FORMAT;
  #maxVideoSize: Size | undefined;
  #overlay: Overlay | undefined;
  /** The part of the picture that the viewer's framebuffer has room for. Undefined for all. */
  #crop: Rect | undefined;
  /** Rate of the link as of the last call of `sharpen`; undefined before the first measurement. */
  #bytesPerMs: number | undefined;
  /** Profile that follows from the viewer's settings, before it is fitted to a slow link. */
  #wished: KeyedProfile;
  /** The profile of the last update. Most updates use the same one again. */
  #fitted: KeyedProfile;

  constructor(size: Size, serverVideo: VideoSettings, overlay?: Overlay) {
    this.#overlay = overlay;
    this.video = new VideoMode(serverVideo);
    this.#serverVideo = serverVideo;
    this.#lacks = new Lacks(size);
    this.#blur = new Blur(size);
    this.#nearlySharp = new Blur(size);
    this.#wished = keyed({ ...profileOf(NO_SETTINGS, SERVER_PIXEL_FORMAT, false), overlay });
    this.#fitted = this.#wished;
  }

  /** Profile of updates while the link does not limit them. */
  get profile(): EncodeProfile {
    return this.#wished.profile;
  }

  /** What the next update probably has: its profile is that of the last one, unless the settings have changed. */
  get next(): NextUpdate {
    const { tiles } = this.#lacks;
    const mostPx = Math.max(LEAST_PIECE_PX, PIECE_PX - tiles.areaPx);
    const sharpeningPx = this.#mayBeSharpened ? Math.min(mostPx, this.#blur.areaPx) : 0;
    return { ...this.#fitted, tiles, sharpeningPx };
  }

  get format(): PixelFormat {
    return this.#format;
  }

  /** Sets what the viewer said by SetEncodings and SetPixelFormat. */
  wants(settings: ViewerSettings, format: PixelFormat): void {
    this.#settings = settings;
    this.#format = format;
    if (!settings.copyRect) this.#lacks.forgetCopies();
    this.#settle();
  }

  /** Largest video that the viewer set by SetMaxVideoResolution; undefined for the server's. */
  set maxVideoSize(size: Size | undefined) {
    this.#maxVideoSize = size;
    this.#settle();
  }

  /** What is burnt into the picture. */
  get overlay(): Overlay | undefined {
    return this.#overlay;
  }

  /**
   * Burns another mark into the picture from now on, and has those parts sent again in which it differs. The visible
   * region never changes. Returns whether the mark is another one.
   */
  setMark(overlay: Overlay | undefined): boolean {
    const before = this.#overlay;
    if (before?.key === overlay?.key) return false;
    this.#overlay = overlay;
    this.#settle();
    const { size } = this.#lacks;
    for (const rect of markChanges(before, overlay, size)) this.changedIn(rect);
    return true;
  }

  /** Called when video mode has begun or ended. Returns whether the profile changes by that. */
  videoChanged(): boolean {
    const { key } = this.#wished;
    this.#settle();
    return this.#wished.key !== key;
  }

  /** Whether an update would contain anything. */
  get lacksSomething(): boolean {
    return !this.#lacks.isEmpty || this.#mayBeSharpened;
  }

  /** Whether the viewer lacks changes, apart from parts that could be sharper. */
  get lacksChanges(): boolean {
    return !this.#lacks.isEmpty;
  }

  /** Whether an update would contain the whole picture. */
  get lacksAll(): boolean {
    return this.#lacks.hasAll;
  }

  /** Whether some tile was sent with loss and will be sharpened once it holds still. */
  get isBlurred(): boolean {
    return !this.#blur.isEmpty;
  }

  /** Notes that `tiles` of the shown picture changed; `copies` if some of that is content that moved. */
  changed(tiles: DirtyTiles, copies: PlannedCopies | undefined): void {
    // Changes in the concealed region are left out, so that the viewer does not even learn when and where they are.
    if (this.takesCopies) {
      this.#lacks.changed(tiles, this.#settings.copyRect ? copies : undefined);
      return;
    }
    const part = this.#shownPart(wholeOf(tiles.size), true);
    if (part) this.#lacks.changed(tiles.within(part));
  }

  /** Notes that something that is not in the shown picture changed here, such as the pointer that is drawn. */
  changedIn(rect: Rect): void {
    const part = this.#shownPart(rect, true);
    if (part) this.#lacks.add(part);
  }

  /** Sends this part again, and what is concealed of it as black. */
  add(rect: Rect): void {
    const part = this.#shownPart(rect, false);
    if (part) this.#lacks.add(part);
  }

  /** Sends all of a picture of this size. */
  all(size: Size): void {
    this.#lacks.all(size);
    if (this.#crop) {
      this.#lacks.none();
      this.#lacks.add(this.#crop);
    }
    this.#forgetBlur(size);
  }

  /**
   * Sends only the part that a framebuffer of this size has room for; undefined sends all again. The caller calls `all`
   * next.
   */
  set framebuffer(size: Size | undefined) {
    this.#crop = size && wholeOf(size);
  }

  /** Whether the viewer's pixels are those of the picture, so that copies of them are. */
  get takesCopies(): boolean {
    return !this.#overlay && !this.#crop;
  }

  /** Returns the part of `rect` that the viewer is sent, or undefined. */
  #shownPart(rect: Rect, isConcealing: boolean): Rect | undefined {
    const visible = isConcealing ? this.#overlay?.visible : undefined;
    const part = visible ? intersect(rect, visibleRect(visible, this.#lacks.size)) : rect;
    return part && this.#crop ? intersect(part, this.#crop) : part;
  }

  /** Drops all that would be sent. */
  none(): void {
    this.#lacks.none();
    this.#forgetBlur(this.#lacks.size);
  }

  /**
   * Plans one update, and takes its tiles from those that the viewer lacks. `limitBytesPerMs` is the rate of the link;
   * undefined if no update has found the link to be the limit. `isLossy`: whether it loses packets.
   */
  take(frame: ShownFrame, limitBytesPerMs: number | undefined, isLossy = false): UpdatePlan {
    const shown = { ...frame, colours: knownColours(frame.colours, this.#overlay, frame.size) };
    const { copies, tiles } = this.#lacks.take();
    for (const step of copies) {
      this.#blur.moved(step);
      this.#nearlySharp.moved(step);
    }
    const selection = this.#quality.choose(tiles, shown.colours, limitBytesPerMs, isLossy);
    this.#lacks.giveBack(selection.rest);
    const sharpening = this.#takeSharpening(selection, shown, limitBytesPerMs);
    this.#mayBeSharpened = false;
    const usual = this.#usualBytes(selection.usual, sharpening, shown);
    const owed = { copies, tiles: selection.part, sharpening };
    return { owed, ...this.#fit(selection.lossy, isSlowLink(limitBytesPerMs)), usual };
  }

  /** Marks tiles of a plan as lacking again, since they are not sent with it. */
  giveBack(tiles: DirtyTiles): void {
    this.#lacks.giveBack(tiles);
  }

  /** Plans the first rows of tiles, at any rate of the link. Only for a viewer for which `carriesAll` is true. */
  takeTop(tileRows: number, { colours: all, size }: ShownFrame): UpdatePlan {
    const colours = knownColours(all, this.#overlay, size);
    const { copies, tiles } = this.#lacks.takeTop(tileRows);
    const { part, rest, lossy, usual } = this.#quality.choose(tiles, colours, undefined);
    this.#lacks.giveBack(rest);
    return { owed: { copies, tiles: part }, ...this.#fit(lossy, false), usual };
  }

  /** Whether the link carries a whole screen in one update at the quality that the viewer set. */
  carriesAll(limitBytesPerMs: number | undefined, isLossy = false): boolean {
    return this.#quality.isFreeFor(this.#lacks.size, limitBytesPerMs, isLossy);
  }

  /** Notes which tiles the viewer has with loss once it is sent these rects. */
  sends(rects: readonly UpdateRect[]): void {
    const changes = rects.filter(({ purpose }) => purpose === 'change');
    // Where a rect without loss overlaps one with loss, either may be drawn last: the tile counts as blurred.
    for (const { rect, method } of changes) if (!hasLoss(method)) this.#blur.remove(rect);
    for (const { rect, method } of changes) if (hasLoss(method)) this.#blur.add(rect);
    for (const { rect } of changes) this.#nearlySharp.remove(rect);
  }

  /** Corrects the estimates for later updates by the bytes that a plan took. */
  learn({ plan, rects }: SentPlan): void {
    if (plan.usual) this.#quality.learn(plan.usual, rects);
  }

  /**
   * Lets the next update sharpen a piece of the tiles that hold still. Returns whether there is one. `bytesPerMs` is
   * the measured rate of the link. `idleMs` is the time between two pieces in which the link carries nothing: a piece
   * is larger by what the link carries in that time.
   */
  sharpen(
    isStill: (tileX: number, tileY: number) => boolean,
    bytesPerMs: number | undefined,
    idleMs: number,
  ): boolean {
    this.#mayBeSharpened = false;
    if (this.#blur.isEmpty && this.#nearlySharp.isEmpty) return false;
    this.#linkCarries(bytesPerMs);
    this.#idleMs = idleMs;
    this.#mayBeSharpened = this.#blur.some(isStill);
    return this.#mayBeSharpened;
  }

  #linkCarries(bytesPerMs: number | undefined): void {
    const changes = isFastLink(bytesPerMs) !== isFastLink(this.#bytesPerMs);
    this.#bytesPerMs = bytesPerMs;
    if (changes) this.#settle();
  }

  /**
   * Picks tiles to sharpen in this update. Picks none if part of the update was postponed, and fewer with a change
   * that is large.
   */
  #takeSharpening(
    { part, rest, expectedBytes }: Selection,
    { isStill, webpPx }: ShownFrame,
    limitBytesPerMs: number | undefined,
  ): DirtyTiles | undefined {
    if (this.#blur.isEmpty || !rest.isEmpty) return undefined;
    const { mostPx, bytesPerPx } = this.#stillCost(webpPx);
    const busyMs = limitBytesPerMs === undefined ? 0 : expectedBytes / limitBytesPerMs;
    const pieceMs = Math.max(LEAST_PIECE_MS, PIECE_MS + this.#idleMs - busyMs);
    const carriedPx = this.#bytesPerMs === undefined ? mostPx : (this.#bytesPerMs * pieceMs) / bytesPerPx;
    const spared = Math.max(LEAST_PIECE_PX, mostPx - part.areaPx);
    const accepts = (tileX: number, tileY: number): boolean =>
      isStill(tileX, tileY) && !part.has(tileX, tileY);
    const sharpening = this.#blur.take(accepts, Math.min(spared, carriedPx), MOST_PIECE_TILES);
    if (!sharpensAsWebp(this.profile) && this.profile.lossy?.still) this.#nearlySharp.merge(sharpening);
    return sharpening;
  }

  /** Usual bytes of an update. WebP without loss is left out, since nothing is learnt from it. */
  #usualBytes(changes: UsualBytes, sharpening: DirtyTiles | undefined, { colours }: ShownFrame): UsualBytes {
    if (sharpensAsWebp(this.profile) || !sharpening) return changes;
    const { jpeg, lossless } = usualBytes(contentOf(sharpening, colours), this.profile.lossy?.still);
    return { jpeg: changes.jpeg + jpeg, lossless: changes.lossless + lossless };
  }

  /** Pixels that may be sharpened in one update, and the bytes that each takes. */
  #stillCost(webpPx: number): { mostPx: number; bytesPerPx: number } {
    const { lossy } = this.profile;
    if (sharpensAsWebp(this.profile))
      return { mostPx: Math.min(PIECE_PX, webpPx), bytesPerPx: WEBP_BYTES_PER_PX };
    return { mostPx: PIECE_PX, bytesPerPx: usualBytesPerPx(Number.POSITIVE_INFINITY, lossy?.still) };
  }

  /** Profile of an update whose JPEG has these qualities. */
  #fit(lossy: LossyQuality | undefined, slowLink: boolean): KeyedProfile {
    const { webp: wished } = this.profile;
    const webp = wished && { ...wished, changes: webpUseOf(this.#settings, slowLink)?.changes ?? false };
    const { profile } = this.#fitted;
    if (lossy !== profile.lossy || webp?.changes !== profile.webp?.changes)
      this.#fitted = keyed({ ...this.profile, lossy, webp });
    return this.#fitted;
  }

  /** Derives the profile from the settings, the link and video mode. */
  #settle(): void {
    const videoSettings = videoSettingsOf(this.#serverVideo, this.#settings, this.#maxVideoSize);
    this.video.setThresholds(videoSettings);
    const usual = profileOf(this.#settings, this.#format, isFastLink(this.#bytesPerMs));
    const profile = this.video.isOn ? videoProfile(usual, this.#settings, videoSettings) : usual;
    this.#wished = keyed({ ...profile, overlay: this.#overlay });
    this.#fitted = this.#wished;
    const { lossy } = this.profile;
    this.#quality.ladder = lossy ? qualityLadder(this.#settings, lossy) : [];
    // A link can seem slow while little is sent over it, and prove to be fast later. A user can choose no loss later.
    if (!lossy?.still) this.#blur.merge(this.#nearlySharp.take(() => true));
  }

  #forgetBlur(size: Size): void {
    this.#blur.clear(size);
    this.#nearlySharp.clear(size);
    this.#mayBeSharpened = false;
  }
}

/** A profile with its key. The key is kept, since making one for each update costs time. */
interface KeyedProfile {
  readonly profile: EncodeProfile;
  readonly key: string;
}

const keyed = (profile: EncodeProfile): KeyedProfile => ({ profile, key: profileKey(profile) });
