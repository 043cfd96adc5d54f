import type { ClipboardContent } from '../../protocol/clipboard-content.ts';
import type { Choices } from '../choices.ts';
import type { Rights } from '../connection.ts';
import { platformOf } from '../input/platform.ts';
import { loadBarTexts, barText as text } from '../text/bar-texts.ts';
import type { View, ViewEvents } from '../view/view.ts';
import { fullscreenTool } from './fullscreen.ts';
import type { Notice } from './notice.ts';
import { clipboardPanel } from './panel/clipboard-panel.ts';
import { helpPanel } from './panel/help-panel.ts';
import { keysPanel } from './panel/keys-panel.ts';
import { picturePanel } from './panel/picture-panel.ts';
import { viewPanel } from './panel/view-panel.ts';
import { loadedOnce } from './panels.ts';
import { saveFile } from './save-file.ts';
import { type ConnectionState, SIGN_OUT, type Tool, Toolbar } from './toolbar.ts';

/** What the toolbar and its panels show. */
export interface BarFacts {
  readonly state: ConnectionState;
  /** The desktop's name. */
  readonly name: string;
  /** Who can log out. Undefined: nobody. */
  readonly user: string | undefined;
  /** Undefined until the server has told. */
  readonly rights: Rights | undefined;
  readonly isResizable: boolean;
  /** What the desktop has copied. */
  readonly clipboard: ClipboardContent | undefined;
}

export interface BarOptions {
  readonly view: View;
  readonly choices: Choices;
  readonly notice: Notice;
  /** Where the other desktops of a fleet are listed. */
  readonly fleet?: URL | undefined;
  logOut(): void;
}

/** The page's toolbar with all its panels. */
export class Bar {
  /** Loads the texts of the toolbar, which has to wait for them. */
  static readonly loadTexts = loadBarTexts;

  readonly #toolbar: Toolbar;
  readonly #view: ReturnType<typeof viewPanel>;
  readonly #keys: ReturnType<typeof keysPanel>;
  readonly #clipboard: ReturnType<typeof clipboardPanel>;
  #isOwner = false;

  constructor(options: BarOptions, facts: BarFacts) {
    const { view, choices, notice } = options;
    this.#view = viewPanel(
      (name) => choices.get(name),
      (name, choice) => {
        choices.set(name, choice);
        if (name !== 'barHidden') return;
        this.#toolbar.setHidden(choices.get('barHidden'));
        if (choices.get('barHidden')) notice.show(text('hiddenNotice'));
      },
    );
    this.#keys = keysPanel({
      chord: (keys) => view.chord(keys),
      hold: (key, isDown) => view.hold(key, isDown),
      command: platformOf(navigator).isMac
        ? {
            get: () => choices.get('commandIsControl'),
            set: (isControl) => choices.set('commandIsControl', isControl),
          }
        : undefined,
    });
    this.#clipboard = clipboardPanel(
      (content) => view.sendClipboard(content),
      (sentence) => notice.show(sentence),
    );
    this.#toolbar = new Toolbar(document.body, {
      dock: choices.get('dock'),
      onDocked: (dock) => choices.set('dock', dock),
      onLeave: () => view.focus(),
      onNotLoaded: () => notice.show(text('notLoaded')),
      tools: this.#tools(options),
    });
    this.#toolbar.setHidden(choices.get('barHidden'));
    this.#toolbar.setOn('touchpad', choices.get('touchMode') === 'touchpad');
    for (const name of Object.keys(facts) as (keyof BarFacts)[]) this.show(name, facts[name]);
  }

  show<Name extends keyof BarFacts>(name: Name, fact: BarFacts[Name]): void {
    this.#shows[name](fact);
  }

  /** No key is down any more. */
  keysReleased(): void {
    this.#keys.released();
  }

  focus(): void {
    this.#toolbar.focus();
  }

  readonly #shows: { readonly [Name in keyof BarFacts]: (fact: BarFacts[Name]) => void } = {
    state: (state) => this.#toolbar.setState(state),
    name: (name) => this.#toolbar.setName(name),
    user: (user) => this.#toolbar.setUser(user),
    rights: (rights) => {
      if (rights === undefined) return;
      this.#isOwner = rights.owner;
      this.#toolbar.setRights(rights);
    },
    isResizable: (isPossible) => this.#view.setResizable(isPossible),
    clipboard: (content) => {
      if (content !== undefined) this.#clipboard.copied(content);
    },
  };

  #tools({ view, choices, notice, fleet, logOut }: BarOptions): Tool[] {
    const picture = picturePanel(
      () => choices.get('picture'),
      (settings) => choices.set('picture', settings),
    );
    /** Panels that most users do not open. */
    const later = {
      people: loadedOnce(async () => (await import('./panel/people-panel.ts')).peoplePanel()),
      access: loadedOnce(async () => (await import('./panel/access-panel.ts')).accessPanel()),
      statistics: loadedOnce(async () => {
        const { statisticsPanel } = await import('./panel/statistics-panel.ts');
        const connection = {
          ask: () => view.askStatistics(),
          get totals() {
            return view.totals;
          },
          onMeasured: (listener: (measured: ViewEvents['measured']) => void) =>
            view.events.on('measured', listener),
        };
        return statisticsPanel({ connection, isOwner: () => this.#isOwner });
      }),
    };
    return [
      ...(fleet ? [wayTo(fleet)] : []),
      { id: 'view-panel', icon: 'view', label: 'view', panel: this.#view },
      { id: 'picture-panel', icon: 'picture', label: 'picture', panel: picture },
      { id: 'keys-panel', icon: 'keys', label: 'keys', panel: this.#keys, isInput: true },
      { id: 'clipboard-panel', icon: 'clipboard', label: 'clipboard', panel: this.#clipboard },
      {
        id: 'keyboard',
        icon: 'keyboard',
        label: 'keyboard',
        only: 'touch',
        isSwitch: true,
        isInput: true,
        act: (isOn) => {
          view.isOnScreenKeyboardShown = isOn;
        },
      },
      {
        id: 'touchpad',
        icon: 'touchpad',
        label: 'touchpad',
        only: 'touch',
        isSwitch: true,
        isInput: true,
        act: (isOn) => choices.set('touchMode', isOn ? 'touchpad' : 'direct'),
      },
      {
        id: 'lock',
        icon: 'lock',
        label: 'lock',
        only: 'mouse',
        isInput: true,
        act: () => {
          view.focus();
          view.lockPointer().catch(() => notice.show(text('refusedByBrowser')));
        },
      },
      {
        id: 'screenshot',
        icon: 'screenshot',
        label: 'screenshot',
        act: () => {
          void view.toPng().then((png) => png && saveFile(png, `${document.title}.png`));
          view.focus();
        },
      },
      ...fullscreenTool(
        () => view.focus(),
        (isOn) => this.#toolbar.setOn('fullscreen', isOn),
      ),
      { id: 'statistics-panel', icon: 'statistics', label: 'statistics', panel: later.statistics },
      { id: 'people-panel', icon: 'people', label: 'people', panel: later.people, isOwners: true },
      { id: 'access-panel', icon: 'access', label: 'access', panel: later.access, isOwners: true },
      { id: 'help', icon: 'help', label: 'help', panel: helpPanel() },
      { id: SIGN_OUT, icon: 'logOut', label: 'signOut', act: () => logOut() },
    ];
  }
}

/** The button that leads to the other desktops of a fleet. */
const wayTo = ({ href }: URL): Tool => ({
  ...{ id: 'all-desktops', icon: 'desktops', label: 'allDesktops' },
  act: () => location.assign(href),
});
