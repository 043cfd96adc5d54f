import type { TouchMode } from '../input/touch/gestures.ts';
import type { ScaleMode } from '../render/geometry.ts';
import type { Dock } from './dock.ts';
import { makeDockable } from './dockable.ts';
import { element } from './element.ts';

/** Time after which the unused toolbar hides, in ms. */
const HIDE_AFTER_MS = 2500;

export type ConnectionState = 'connecting' | 'connected' | 'stalled' | 'disconnected';

const STATE_TEXT: Readonly<Record<ConnectionState, string>> = {
  connecting: 'Connecting',
  connected: 'Connected',
  stalled: 'The server does not answer',
  disconnected: 'Disconnected',
};

/** Keys that go to the next button, or to the one before. */
const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Actions of the toolbar's buttons. */
export interface ToolbarActions {
  setScaleMode(mode: ScaleMode): void;
  setMatchWindow(isOn: boolean): void;
  setOnScreenKeyboard(isShown: boolean): void;
  setTouchMode(mode: TouchMode): void;
  lockPointer(): void;
  sendCtrlAltDel(): void;
  setDock(dock: Dock): void;
  /** Called when the user is done with the toolbar: keyboard input goes to the desktop again. */
  leave(): void;
}

/** The toolbar at an edge. It hides while the desktop is used, and opens by a click, a tap or the keyboard. */
export class Toolbar {
  readonly #bar = element('bar', HTMLElement);
  readonly #handle = element('handle', HTMLButtonElement);
  readonly #dot = element('dot', HTMLElement);
  readonly #name = element('name', HTMLElement);
  readonly #state = element('state', HTMLElement);
  readonly #viewOnly = element('view-only', HTMLElement);
  readonly #scale = element('scale', HTMLButtonElement);
  readonly #match = element('match', HTMLButtonElement);
  readonly #cad = element('cad', HTMLButtonElement);
  readonly #keyboard = element('keyboard', HTMLButtonElement);
  readonly #touchpad = element('touchpad', HTMLButtonElement);
  readonly #lock = element('lock', HTMLButtonElement);
  readonly #fullscreen = element('fullscreen', HTMLButtonElement);
  readonly #actions: ToolbarActions;
  #isConnected = false;
  #mayWrite = true;
  #hideTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(dock: Dock, actions: ToolbarActions) {
    this.#actions = actions;
    makeDockable(this.#bar, this.#handle, dock, (moved) => actions.setDock(moved));
    this.#wireBar();
    this.#wireButtons();
    this.setCanMatch(false);
  }

  setState(state: ConnectionState): void {
    this.#isConnected = state === 'connected' || state === 'stalled';
    this.#dot.dataset.state = state;
    this.#dot.title = STATE_TEXT[state];
    this.#state.textContent = STATE_TEXT[state];
    this.#enableTools();
    // Without a connection the toolbar covers nothing of use.
    if (!this.#isConnected) this.#open();
    this.#hideSoon();
  }

  setName(name: string): void {
    this.#name.textContent = name;
    this.#name.title = name;
  }

  /** Shows the rights of this page's user. */
  setRights({ read, write }: { readonly read: boolean; readonly write: boolean }): void {
    this.#mayWrite = write;
    this.#viewOnly.hidden = write || !read;
    this.#enableTools();
  }

  setScaleMode(mode: ScaleMode): void {
    setPressed(this.#scale, mode === 'actual');
  }

  /** Sets whether the server lets viewers resize the desktop. */
  setCanMatch(canMatch: boolean): void {
    this.#match.hidden = !canMatch;
  }

  setMatchWindow(isOn: boolean): void {
    setPressed(this.#match, isOn);
  }

  setTouchMode(mode: TouchMode): void {
    setPressed(this.#touchpad, mode === 'touchpad');
  }

  /** Opens the toolbar for the keyboard. */
  focus(): void {
    this.#open();
    this.#scale.focus();
  }

  #wireBar(): void {
    this.#bar.addEventListener('pointerleave', () => this.#hideSoon());
    this.#bar.addEventListener('focusin', () => this.#open());
    this.#bar.addEventListener('focusout', () => this.#hideSoon());
    this.#bar.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#leave();
      const step = STEPS[event.key];
      if (step !== undefined) this.#step(step);
    });
    this.#handle.addEventListener('click', () => {
      if (this.#bar.dataset.open === 'true') this.#leave();
      else this.#open();
    });
  }

  #wireButtons(): void {
    this.#scale.addEventListener('click', () => {
      this.#actions.setScaleMode(isPressed(this.#scale) ? 'fit' : 'actual');
    });
    this.#match.addEventListener('click', () => this.#actions.setMatchWindow(!isPressed(this.#match)));
    this.#keyboard.addEventListener('click', () => {
      setPressed(this.#keyboard, !isPressed(this.#keyboard));
      this.#actions.setOnScreenKeyboard(isPressed(this.#keyboard));
    });
    this.#touchpad.addEventListener('click', () => {
      this.#actions.setTouchMode(isPressed(this.#touchpad) ? 'direct' : 'touchpad');
    });
    this.#lock.addEventListener('click', () => {
      this.#actions.leave();
      this.#actions.lockPointer();
    });
    this.#cad.addEventListener('click', () => {
      this.#actions.sendCtrlAltDel();
      this.#actions.leave();
    });
    this.#fullscreen.hidden = !document.fullscreenEnabled;
    this.#fullscreen.addEventListener('click', () => void this.#toggleFullscreen());
    document.addEventListener('fullscreenchange', () => {
      setPressed(this.#fullscreen, document.fullscreenElement !== null);
    });
  }

  async #toggleFullscreen(): Promise<void> {
    if (document.fullscreenElement) {
      await document.exitFullscreen();
      return;
    }
    await document.documentElement.requestFullscreen({ navigationUI: 'hide' });
    this.#actions.leave();
    // With the keyboard locked, the desktop gets Escape, Alt+Tab and similar keys. Holding Escape still leaves full
    // screen.
    const { keyboard } = navigator as Navigator & { keyboard?: { lock?: () => Promise<void> } };
    await keyboard?.lock?.().catch(() => {});
  }

  #enableTools(): void {
    for (const tool of [this.#cad, this.#lock, this.#keyboard]) {
      tool.disabled = !this.#isConnected || !this.#mayWrite;
    }
  }

  #step(by: number): void {
    const tools = [...this.#bar.querySelectorAll<HTMLButtonElement>('.tool')].filter(
      (tool) => tool.checkVisibility() && !tool.disabled,
    );
    const at = tools.indexOf(document.activeElement as HTMLButtonElement);
    tools[(at + by + tools.length) % tools.length]?.focus();
  }

  #open(): void {
    clearTimeout(this.#hideTimer);
    this.#setOpen(true);
  }

  #leave(): void {
    this.#actions.leave();
    clearTimeout(this.#hideTimer);
    this.#setOpen(false);
  }

  #hideSoon(): void {
    clearTimeout(this.#hideTimer);
    this.#hideTimer = setTimeout(() => {
      const isInUse = this.#bar.matches(':hover') || this.#bar.contains(document.activeElement);
      if (!isInUse && this.#isConnected) this.#setOpen(false);
    }, HIDE_AFTER_MS);
  }

  #setOpen(isOpen: boolean): void {
    this.#bar.dataset.open = String(isOpen);
    this.#handle.setAttribute('aria-expanded', String(isOpen));
  }
}

function isPressed(button: HTMLButtonElement): boolean {
  return button.getAttribute('aria-pressed') === 'true';
}

function setPressed(button: HTMLButtonElement, value: boolean): void {
  button.setAttribute('aria-pressed', String(value));
}
