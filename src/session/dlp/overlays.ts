import { readFileSync } from 'node:fs';
import { BoundedMap } from '../../common/bounded-map.ts';
import type { DlpRules, DlpSettings, WatermarkSettings } from '../../config/dlp/dlp-settings.ts';
import { templatePeriodMs, writeTemplate } from '../../config/dlp/template.ts';
import { imageStamp } from '../../encode/overlay/image-stamp.ts';
import type { Mark, Overlay, Stamp } from '../../encode/overlay/overlay.ts';
import { textStamp } from '../../encode/overlay/text-stamp.ts';

/**
 * Bytes of the largest image file. A larger value takes more memory at the start; a smaller one refuses images that fit
 * into a stamp.
 */
const MOST_IMAGE_BYTES = 8 << 20;

/**
 * Overlays that are kept: one for each user who is connected. With more users whose texts show the time, each minute
 * draws more texts, of 2 ms each; a larger value takes up to 200 KB for each.
 */
const MOST_KEPT = 64;

/** A person or program that is shown the screen. */
export interface Onlooker {
  readonly user: string;
  readonly address: string;
}

/** A file of a watermark that cannot be used. */
export class WatermarkError extends Error {}

/** Makes what is burnt into the pictures of each user. Equal overlays are one object, so that viewers share rects. */
export class Overlays {
  readonly #settings: DlpSettings;
  readonly #images = new Map<string, Stamp>();
  readonly #kept = new BoundedMap<string, Overlay>(MOST_KEPT);
  #made = 0;

  /** Reads the images of all watermarks. Throws a WatermarkError if one cannot be used. */
  constructor(settings: DlpSettings) {
    this.#settings = settings;
    for (const { watermark } of [settings.forAll, ...settings.byUser.values()]) {
      if (watermark?.content.kind !== 'image') continue;
      const { file } = watermark.content;
      this.#images.set(imageKey(watermark), readImage(file, watermark.tint.alpha));
    }
  }

  rulesOf(user: string): DlpRules {
    return this.#settings.byUser.get(user) ?? this.#settings.forAll;
  }

  /** Whether any user's watermark shows the time, and how often the time changes it. */
  get periodMs(): number | undefined {
    const all = [this.#settings.forAll, ...this.#settings.byUser.values()];
    const periods = all.flatMap(({ watermark }) =>
      watermark?.content.kind === 'text' ? (templatePeriodMs(watermark.content.template) ?? []) : [],
    );
    return periods.length === 0 ? undefined : Math.min(...periods);
  }

  /** What is burnt into the picture of an onlooker at a time. Undefined if that is nothing. */
  of({ user, address }: Onlooker, time: Date): Overlay | undefined {
    const { visibleRegion: visible, watermark } = this.rulesOf(user);
    if (!visible && !watermark) return undefined;
    const text = watermark && textOf(watermark, { user, address }, time);
    const content = JSON.stringify([visible, watermark, text]);
    const kept = this.#kept.touch(content);
    if (kept) return kept;
    const mark = watermark && this.#markOf(watermark, text);
    const overlay = { key: `overlay${++this.#made}`, visible, mark };
    this.#kept.set(content, overlay);
    return overlay;
  }

  #markOf(watermark: WatermarkSettings, text: string | undefined): Mark {
    const { content, location, spacingPx, tint } = watermark;
    const { red, green, blue, alpha } = tint;
    const stamp =
      content.kind === 'image'
        ? this.#images.get(imageKey(watermark))!
        : textStamp(text!, { sizePx: content.sizePx, angle: content.angle, alpha });
    return { stamp, location, spacingPx, red, green, blue };
  }
}

function textOf({ content }: WatermarkSettings, { user, address }: Onlooker, time: Date): string | undefined {
  if (content.kind === 'image') return undefined;
  return writeTemplate(content.template, { USER: escaped(user), ADDRESS: address }, time, content.timeZone);
}

/** A name in which `<` begins no code point that stands for another character, as `textStamp` writes them. */
const escaped = (name: string): string => name.replaceAll('<', '<3C>');

const imageKey = ({ content, tint }: WatermarkSettings): string =>
  JSON.stringify([content.kind === 'image' ? content.file : '', tint.alpha]);

function readImage(file: string, alpha: number): Stamp {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > MOST_IMAGE_BYTES) throw new Error(`it is larger than ${MOST_IMAGE_BYTES} bytes`);
    return imageStamp(bytes, alpha);
  } catch (cause) {
    throw new WatermarkError(`${file}: ${(cause as Error).message}.`, { cause });
  }
}
