import type { PlannedCopies } from '../../encode/plan/copy-rects.ts';
import { hasLoss } from '../../encode/plan/policy.ts';
import { type EncodeProfile, type LossyQuality, profileKey } from '../../encode/plan/profile.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Rect, Size } from '../../pixels/rect.ts';
import { type PixelFormat, SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { NO_SETTINGS, type ViewerSettings } from '../../protocol/settings-from-encodings.ts';
import type { SentPlan, ShownFrame, UpdatePlan, UpdateRect, UsualBytes } from '../frame/taker.ts';
import { Blur } from './blur.ts';
import { Lacks } from './lacks.ts';
import { LinkQuality, type Selection } from './link-quality.ts';
import { isFastLink, isSlowLink, profileOf, webpUseOf } from './profile-of.ts';
import { qualityLadder } from './quality-ladder.ts';
import { usualBytes, usualBytesPerPx, WEBP_BYTES_PER_PX } from './update-cost.ts';
import { VideoMode } from './video-mode.ts';
import { type VideoSettings, videoProfile, videoSettingsOf } from './video-settings.ts';

/**
 * Pixels that are sharpened in one update: few enough that a change which comes meanwhile waits for less than a
 * frame, and on a slow link that the piece is through in PIECE_MS.
 */
const PIECE_PX = 256 * 1024;
const PIECE_MS = 50;

/**
 * What is sharpened beside a change that is as large as that, or that fills the link: what keeps changing gives way this
 * much, so that what holds still has its turn, too.
 */
const LEAST_PIECE_PX = 32 * 1024;
const LEAST_PIECE_MS = 15;

/** Tiles that are sharpened in one update: a bound for the rects of tiny boxes, see MOST_UPDATE_TILES. */
const MOST_PIECE_TILES = 1024;

/** One viewer's picture: how it wants it, what it has not been sent of it, and what it was sent with loss. */
export class ViewerPicture {
  readonly video: VideoMode;
  readonly #serverVideo: VideoSettings;
  readonly #lacks: Lacks;
  readonly #blur: Blur;
  /** What was sharpened as JPEG, since its link seemed too slow for more. */
  readonly #nearlySharp: Blur;
  readonly #quality = new LinkQuality();
  /** For how long the link carries nothing between two pieces. */
  #idleMs = 0;
  /** Whether a piece of what is blurred may be sent now. */
  #mayBeSharpened = false;
  #settings: ViewerSettings = NO_SETTINGS;
  #format: PixelFormat = SERVER_PIXEL_FORMAT;
  #maxVideoSize: Size | undefined;
  #bytesPerMs: number | undefined;
  /** What its settings and its link come to, as long as a slow link takes nothing from it. */
  #wished: KeyedProfile = keyed(profileOf(NO_SETTINGS, SERVER_PIXEL_FORMAT, false));
  /** The last one that was fitted to the link: most updates have the same. */
  #fitted = this.#wished;

  constructor(size: Size, serverVideo: VideoSettings) {
    this.video = new VideoMode(serverVideo);
    this.#serverVideo = serverVideo;
    this.#lacks = new Lacks(size);
    this.#blur = new Blur(size);
    this.#nearlySharp = new Blur(size);
  }

  /** How it is encoded while the link does not limit it. */
  get profile(): EncodeProfile {
    return this.#wished.profile;
  }

  get format(): PixelFormat {
    return this.#format;
  }

  wants(settings: ViewerSettings, format: PixelFormat): void {
    this.#settings = settings;
    this.#format = format;
    if (!settings.copyRect) this.#lacks.forgetCopies();
    this.#settle();
  }

  /** As it set by SetMaxVideoResolution. */
  set maxVideoSize(size: Size | undefined) {
    this.#maxVideoSize = size;
    this.#settle();
  }

  /** Video mode has begun or ended. Returns whether that changes its profile. */
  videoChanged(): boolean {
    const { key } = this.#wished;
    this.#settle();
    return this.#wished.key !== key;
  }

  /** Whether there is something that it has not been sent. */
  get lacksSomething(): boolean {
    return !this.#lacks.isEmpty || this.#mayBeSharpened;
  }

  /** Whether some of what it has been sent is to be sharpened once it holds still. */
  get isBlurred(): boolean {
    return !this.#blur.isEmpty;
  }

  /** The desktop shows something new there, some of which may have moved. */
  changed(tiles: DirtyTiles, copies: PlannedCopies | undefined): void {
    this.#lacks.changed(tiles, this.#settings.copyRect ? copies : undefined);
  }

  /** It asks for this again. */
  add(rect: Rect): void {
    this.#lacks.add(rect);
  }

  /** All of a picture of this size is to be sent. */
  all(size: Size): void {
    this.#lacks.all(size);
    this.#forgetBlur(size);
  }

  /** None of it is to be sent. */
  none(): void {
    this.#lacks.none();
    this.#forgetBlur(this.#lacks.size);
  }

  /**
   * Plans one update and takes its tiles from what is lacking. `limitBytesPerMs` is what the link carries, undefined if it
   * is not known to limit.
   */
  take(shown: ShownFrame, limitBytesPerMs: number | undefined): UpdatePlan {
    const { copies, tiles } = this.#lacks.take();
    for (const step of copies) {
      this.#blur.moved(step);
      this.#nearlySharp.moved(step);
    }
    const selection = this.#quality.choose(tiles, shown.colours, limitBytesPerMs);
    this.#lacks.giveBack(selection.rest);
    const sharpening = this.#takeSharpening(selection, shown, limitBytesPerMs);
    this.#mayBeSharpened = false;
    const usual = this.#usualBytes(selection.usual, sharpening, shown);
    const owed = { copies, tiles: selection.part, sharpening };
    return { owed, ...this.#fit(selection.lossy, isSlowLink(limitBytesPerMs)), usual };
  }

  /** Plans all of the first rows of tiles, whatever the link carries: only for a viewer that `carriesAll`. */
  takeTop(tileRows: number, { colours }: ShownFrame): UpdatePlan {
    const { copies, tiles } = this.#lacks.takeTop(tileRows);
    const { part, rest, lossy, usual } = this.#quality.choose(tiles, colours, undefined);
    this.#lacks.giveBack(rest);
    return { owed: { copies, tiles: part }, ...this.#fit(lossy, false), usual };
  }

  /** Whether the link carries a whole screen at once as it is wished. */
  carriesAll(limitBytesPerMs: number | undefined): boolean {
    return this.#quality.isFreeFor(this.#lacks.size, limitBytesPerMs);
  }

  /** A plan is being sent as these rects: notes which tiles the viewer then has with loss. */
  sends(rects: readonly UpdateRect[]): void {
    const changes = rects.filter(({ purpose }) => purpose === 'change');
    // Where a rect without loss overlaps one with loss, either may be drawn last: the tile counts as blurred.
    for (const { rect, method } of changes) if (!hasLoss(method)) this.#blur.remove(rect);
    for (const { rect, method } of changes) if (hasLoss(method)) this.#blur.add(rect);
    for (const { rect } of changes) this.#nearlySharp.remove(rect);
  }

  /** All rects of a plan were sent: estimates of later updates follow from what these took. */
  learn({ plan, rects }: SentPlan): void {
    if (plan.usual) this.#quality.learn(plan.usual, rects);
  }

  /**
   * Lets it lack a piece of what holds still and was sent with loss; answers whether there is one. The link carries `bytesPerMs`, if that is known, and
   * between two pieces nothing for `idleMs`: a piece is so much larger, or most of the link's time would be lost.
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
    if (!changes) return;
    this.#settle();
    // A link that seemed slow when little was sent over it may prove to be fast later on.
    if (!this.profile.lossy?.still) this.#blur.merge(this.#nearlySharp.take(() => true));
  }

  /**
   * Takes what is to be sharpened beside what was selected: where that is little, as much as alone; where a part of it
   * has to wait, nothing.
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
    const { webp, lossy } = this.profile;
    if (!webp && lossy?.still) this.#nearlySharp.merge(sharpening);
    return sharpening;
  }

  /** Of WebP without loss nothing is known or learnt: its bytes are left out. */
  #usualBytes(changes: UsualBytes, sharpening: DirtyTiles | undefined, { colours }: ShownFrame): UsualBytes {
    const { webp, lossy } = this.profile;
    if (webp || !sharpening) return changes;
    const { jpeg, lossless } = usualBytes(sharpening, colours, lossy?.still);
    return { jpeg: changes.jpeg + jpeg, lossless: changes.lossless + lossless };
  }

  /** How much of a still picture may be encoded at once, and what it then takes. */
  #stillCost(webpPx: number): { mostPx: number; bytesPerPx: number } {
    const { lossy, webp } = this.profile;
    if (webp) return { mostPx: Math.min(PIECE_PX, webpPx), bytesPerPx: WEBP_BYTES_PER_PX };
    return { mostPx: PIECE_PX, bytesPerPx: usualBytesPerPx(Number.POSITIVE_INFINITY, lossy?.still) };
  }

  /** Its profile for an update whose JPEG has these qualities. */
  #fit(lossy: LossyQuality | undefined, slowLink: boolean): KeyedProfile {
    const { webp: wished } = this.profile;
    const webp = wished && { ...wished, changes: webpUseOf(this.#settings, slowLink)?.changes ?? false };
    const { profile } = this.#fitted;
    if (lossy !== profile.lossy || webp?.changes !== profile.webp?.changes)
      this.#fitted = keyed({ ...this.profile, lossy, webp });
    return this.#fitted;
  }

  /** Its profile follows from what is known now. */
  #settle(): void {
    const wishes = videoSettingsOf(this.#serverVideo, this.#settings, this.#maxVideoSize);
    this.video.setThresholds(wishes);
    const usual = profileOf(this.#settings, this.#format, isFastLink(this.#bytesPerMs));
    this.#wished = keyed(this.video.isOn ? videoProfile(usual, this.#settings, wishes) : usual);
    this.#fitted = this.#wished;
    const { lossy } = this.profile;
    this.#quality.ladder = lossy ? qualityLadder(this.#settings, lossy) : [];
  }

  #forgetBlur(size: Size): void {
    this.#blur.clear(size);
    this.#nearlySharp.clear(size);
    this.#mayBeSharpened = false;
  }
}

/** A profile with its key, which is costly to make for each update. */
interface KeyedProfile {
  readonly profile: EncodeProfile;
  readonly key: string;
}

const keyed = (profile: EncodeProfile): KeyedProfile => ({ profile, key: profileKey(profile) });
