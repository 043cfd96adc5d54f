import { type ClipboardContent, textContent, textOf } from '../../protocol/clipboard-content.ts';
import type { NamedKey } from '../input/keyboard.ts';
import { PRESETS, type PresetName } from '../picture-settings.ts';
import { setLanguage, text } from '../text/texts.ts';
import { createParts } from './parts.ts';
import styles from './view.css' with { type: 'text' };
import { View } from './view.ts';

/** Events of `<deskwire-view>`, by their `detail`. */
export interface DeskwireViewEvents {
  /** The desktop's picture is shown. */
  connected: { readonly name: string };
  /** `retries`: the view connects again by itself. */
  disconnected: { readonly reason: string; readonly retries: boolean };
  resized: { readonly width: number; readonly height: number };
  /** The desktop has copied something. */
  clipboard: { readonly text: string | undefined; readonly png: Uint8Array | undefined };
  rights: { readonly read: boolean; readonly write: boolean };
  /** A sentence of the server for the user. */
  notice: { readonly text: string };
}

/**
 * A desktop as an element of any page: `<deskwire-view src="https://host:8443/" token="…">`.
 *
 * Attributes: `src`, the address of the server; `token`, a bearer token with the scope to view, for pages of other
 * origins, which the server has to allow; `view-only`; `scale`, `fit` or `actual`; `quality`, a preset. A change of `src`
 * or `token` connects anew. The element connects while it is in the document.
 */
export class DeskwireView extends HTMLElement {
  static readonly observedAttributes = ['src', 'token', 'view-only', 'scale', 'quality'];
  #view: View | undefined;
  #name = '';

  connectedCallback(): void {
    setLanguage(navigator.languages);
    this.#start();
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
  sendKeys(...keys: readonly NamedKey[]): void {
    this.#view?.chord(keys);
  }

  /** Puts text on the desktop's clipboard. */
  paste(content: string): void {
    this.#view?.sendClipboard(textContent(content));
  }

  /** Asks the server for another size of the desktop, in pixels. */
  resize(width: number, height: number): void {
    this.#view?.requestSize({ width, height });
  }

  /** How the picture is sent. */
  get quality(): PresetName {
    return this.#preset;
  }

  set quality(name: PresetName) {
    this.setAttribute('quality', name);
  }

  /** The picture as it is shown, as a PNG. Undefined if there is none. */
  async screenshot(): Promise<Blob | undefined> {
    return this.#view?.toPng();
  }

  override focus(): void {
    this.#view?.focus();
  }

  get #scaleMode(): 'fit' | 'actual' {
    return this.getAttribute('scale') === 'actual' ? 'actual' : 'fit';
  }

  get #preset(): PresetName {
    const asked = this.getAttribute('quality') ?? '';
    return Object.hasOwn(PRESETS, asked) ? (asked as PresetName) : 'balanced';
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
    this.#tell(view);
    this.#view = view;
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
    events.on('rights', (rights) => dispatch('rights', rights));
    events.on('notice', (sentence) => dispatch('notice', { text: sentence }));
    events.on('disconnected', ({ explanation: { reason, next } }) =>
      dispatch('disconnected', { reason, retries: next === 'retry' }),
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

if (!customElements.get('deskwire-view')) customElements.define('deskwire-view', DeskwireView);
