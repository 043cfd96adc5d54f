import { type ClipboardContent, textContent, textOf } from '../../protocol/clipboard-content.ts';
import { isLeaveChord } from '../input/leave-chord.ts';
import { PRESETS } from '../picture-settings.ts';
import { loadLanguage, text } from '../text/texts.ts';
import { h } from '../ui/dom.ts';
import type {
  DeskwireKey,
  DeskwireQuality,
  DeskwireViewEventMap,
  DeskwireViewEvents,
} from './element-types.ts';
import { createParts } from './parts.ts';
import styles from './view.css' with { type: 'text' };
import { View } from './view.ts';

export type {
  DeskwireKey,
  DeskwireQuality,
  DeskwireViewEventMap,
  DeskwireViewEvents,
  DeskwireViewStats,
} from './element-types.ts';

let hasLanguage = false;
/** All languages are in this script. Elements that are there before one of them is chosen wait for it. */
const language = loadLanguage(navigator.languages).then(() => {
  hasLanguage = true;
});

/**
 * A desktop as an element of any page: `<deskwire-view src="https://host:8443/" token="…">`.
 *
 * Attributes: `src`, the address of the server; `token`, a bearer token with the scope to view, for pages of other
 * origins, which the server has to allow; `view-only`; `scale`, `fit` or `actual`; `quality`, a preset. A change of `src`
 * or `token` connects anew. The element connects while it is in the document. Ctrl+Alt+Shift+M moves the focus out of the
 * desktop; Tab then goes on in the page.
 */
export class DeskwireView extends HTMLElement {
  static readonly observedAttributes = ['src', 'token', 'view-only', 'scale', 'quality'];
  #view: View | undefined;
  #name = '';
  #wantsStats = false;

  connectedCallback(): void {
    if (hasLanguage) this.#start();
    else void language.then(() => this.isConnected && !this.#view && this.#start());
  }

  disconnectedCallback(): void {
    this.#stop();
  }

  attributeChangedCallback(name: string): void {
    if (!this.#view) return;
    if (name === 'scale') this.#view.scaleMode = this.#scaleMode;
    else if (name === 'quality') this.#view.picture = PRESETS[this.#preset];
    else this.#start();
  }

  /** Presses keys in order and releases them in reverse, such as Control, Alt and Delete. */
  sendKeys(...keys: readonly DeskwireKey[]): void {
    this.#view?.chord(keys);
  }

  /** Puts text on the desktop's clipboard. */
  paste(content: string): void {
    this.#view?.sendClipboard(textContent(content));
  }

  /**
   * Asks the server for another size of the desktop, in pixels. `scalePercent`, 50 to 400: by how much programs are to
   * enlarge everything, such as 200 on a screen with a devicePixelRatio of 2.
   */
  resize(width: number, height: number, scalePercent?: number): void {
    this.#view?.requestSize({ width, height }, scalePercent);
  }

  /** How the picture is sent. */
  get quality(): DeskwireQuality {
    return this.#preset;
  }

  set quality(name: DeskwireQuality) {
    this.setAttribute('quality', name);
  }

  /** The picture as it is shown, as a PNG. Undefined if there is none. */
  async screenshot(): Promise<Blob | undefined> {
    return this.#view?.toPng();
  }

  /** Events are measured and sent only for those who listen: `stats` costs a question to the server each second. */
  override addEventListener<Name extends keyof DeskwireViewEventMap>(
    type: Name,
    listener: (this: DeskwireView, event: DeskwireViewEventMap[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener<Name extends keyof HTMLElementEventMap>(
    type: Name,
    listener: (this: HTMLElement, event: HTMLElementEventMap[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener, options);
    if (type !== 'stats') return;
    this.#wantsStats = true;
    this.#view?.measure();
  }

  override removeEventListener<Name extends keyof DeskwireViewEventMap>(
    type: Name,
    listener: (this: DeskwireView, event: DeskwireViewEventMap[Name]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener<Name extends keyof HTMLElementEventMap>(
    type: Name,
    listener: (this: HTMLElement, event: HTMLElementEventMap[Name]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener, options);
  }

  override focus(): void {
    this.#view?.focus();
  }

  get #scaleMode(): 'fit' | 'actual' {
    return this.getAttribute('scale') === 'actual' ? 'actual' : 'fit';
  }

  get #preset(): DeskwireQuality {
    const asked = this.getAttribute('quality') ?? '';
    return Object.hasOwn(PRESETS, asked) ? (asked as DeskwireQuality) : 'balanced';
  }

  #start(): void {
    this.#stop();
    const src = this.getAttribute('src');
    if (src === null) return;
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    root.replaceChildren();
    // A style element would be refused by the policy of many pages.
    root.adoptedStyleSheets = [styleSheet()];
    const parts = createParts(root, { desktop: text('desktop'), keys: text('keysLabel') });
    const baseUrl = new URL('./', new URL(src, document.baseURI));
    const view = new View(parts, {
      baseUrl,
      token: this.getAttribute('token') ?? undefined,
      picture: PRESETS[this.#preset],
      viewOnly: this.hasAttribute('view-only'),
    });
    view.scaleMode = this.#scaleMode;
    // Behind the field, so that Tab goes on to what follows the element. Chromium goes on only from a stop of Tab.
    const exit = h('span', {});
    exit.addEventListener('blur', () => exit.removeAttribute('tabindex'));
    root.append(exit);
    view.isPageShortcut = (event) => {
      const isLeave = isLeaveChord(event);
      if (isLeave) {
        exit.tabIndex = 0;
        exit.focus();
      }
      return isLeave;
    };
    this.#tell(view);
    this.#view = view;
    if (this.#wantsStats) view.measure();
    view.connect();
  }

  #stop(): void {
    this.#view?.close();
    this.#view = undefined;
  }

  #tell({ events }: View): void {
    const dispatch = <Name extends keyof DeskwireViewEvents>(
      name: Name,
      detail: DeskwireViewEvents[Name],
    ): void => {
      this.dispatchEvent(new CustomEvent(name, { detail }));
    };
    events.on('name', (name) => {
      this.#name = name;
    });
    events.on('picture', () => dispatch('connected', { name: this.#name }));
    events.on('size', (size) => dispatch('resized', size));
    events.on('clipboard', (content: ClipboardContent) =>
      dispatch('clipboard', { text: textOf(content), png: content.get('png') }),
    );
    events.on('rights', ({ read, write }) => dispatch('rights', { read, write }));
    events.on('stats', (stats) => dispatch('stats', stats));
    events.on('notice', (sentence) => dispatch('notice', { text: sentence }));
    events.on('disconnected', ({ explanation: { reason, next } }) =>
      dispatch('disconnected', { reason, retries: next === 'retry' || next === 'wait' }),
    );
  }
}

let sheet: CSSStyleSheet | undefined;

function styleSheet(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(`${HOST_STYLE}${styles}`);
  }
  return sheet;
}

const HOST_STYLE = ':host { display: block; position: relative; overflow: hidden; background: #000; }\n';

declare global {
  interface HTMLElementTagNameMap {
    'deskwire-view': DeskwireView;
  }
}

if (!customElements.get('deskwire-view')) customElements.define('deskwire-view', DeskwireView);
