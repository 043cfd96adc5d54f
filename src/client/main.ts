import { type AddressSettings, readAddress } from './address-settings.ts';
import { noRightToRead } from './disconnect.ts';
import { isLeaveChord } from './input/leave-chord.ts';
import { platformOf } from './input/platform.ts';
import { keepInStep } from './offline.ts';
import { pageFolder } from './page-folder.ts';
import { PreferenceStore, type Preferences } from './preferences.ts';
import { setLanguage, text } from './text/texts.ts';
import { fullscreenTool } from './ui/fullscreen.ts';
import { Notice } from './ui/notice.ts';
import { Overlay } from './ui/overlay.ts';
import { clipboardPanel } from './ui/panel/clipboard-panel.ts';
import { helpPanel } from './ui/panel/help-panel.ts';
import { keysPanel } from './ui/panel/keys-panel.ts';
import { picturePanel } from './ui/panel/picture-panel.ts';
import { viewPanel } from './ui/panel/view-panel.ts';
import { loadedOnce } from './ui/panels.ts';
import { saveFile } from './ui/save-file.ts';
import { SIGN_OUT, Toolbar } from './ui/toolbar.ts';
import { createParts } from './view/parts.ts';
import { View, type ViewEvents } from './view/view.ts';
import { WayIn } from './way-in.ts';

document.documentElement.lang = setLanguage(navigator.languages);

const baseUrl = pageFolder();
const preferences = new PreferenceStore(baseUrl);
const address = readAddress(location.search);
overridePreferences(address);

const root = document.getElementById('view')!;
const parts = createParts(root, { desktop: text('desktop'), keys: text('keysLabel') });
const view = new View(parts, { baseUrl, picture: preferences.get('picture'), viewOnly: address.viewOnly });
const overlay = new Overlay(document.body);
const notice = new Notice(document.body);
const wayIn = new WayIn({ view, overlay, baseUrl, onUser: (name) => toolbar.setUser(name) });

/** What each choice does. */
const effects: { readonly [Name in keyof Preferences]?: (choice: Preferences[Name]) => void } = {
  scaleMode: (mode) => {
    view.scaleMode = mode;
  },
  matchWindow: (isOn) => {
    view.matchesWindow = isOn;
  },
  desktopScale: (scale) => {
    view.desktopScale = scale;
  },
  touchMode: (mode) => {
    view.touchMode = mode;
    toolbar.setOn('touchpad', mode === 'touchpad');
  },
  picture: (settings) => {
    view.picture = settings;
  },
  wheelSpeed: setWheel,
  wheelReversed: setWheel,
  commandIsControl: (isControl) => {
    view.isCommandControl = isControl;
  },
  barHidden: (isHidden) => toolbar.setHidden(isHidden),
};

const panels = {
  view: viewPanel((name) => preferences.get(name), choose),
  picture: picturePanel(
    () => preferences.get('picture'),
    (settings) => choose('picture', settings),
  ),
  keys: keysPanel({
    chord: (keys) => view.chord(keys),
    hold: (key, isDown) => view.hold(key, isDown),
    command: platformOf(navigator).isMac
      ? {
          get: () => preferences.get('commandIsControl'),
          set: (isControl) => choose('commandIsControl', isControl),
        }
      : undefined,
  }),
  clipboard: clipboardPanel(
    (content) => view.sendClipboard(content),
    (sentence) => notice.show(sentence),
  ),
  help: helpPanel(),
};

let isOwner = false;

/** Panels that most users do not open. */
const laterPanels = {
  people: loadedOnce(async () => (await import('./ui/panel/people-panel.ts')).peoplePanel()),
  access: loadedOnce(async () => (await import('./ui/panel/access-panel.ts')).accessPanel()),
  statistics: loadedOnce(async () => {
    const { statisticsPanel } = await import('./ui/panel/statistics-panel.ts');
    const connection = {
      ask: () => view.askStatistics(),
      get totals() {
        return view.totals;
      },
      onMeasured: (listener: (measured: ViewEvents['measured']) => void) =>
        view.events.on('measured', listener),
    };
    return statisticsPanel({ connection, isOwner: () => isOwner });
  }),
};

const toolbar = new Toolbar(document.body, {
  dock: preferences.get('dock'),
  onDocked: (dock) => preferences.set('dock', dock),
  onLeave: () => view.focus(),
  onNotLoaded: () => notice.show(text('notLoaded')),
  tools: [
    { id: 'view-panel', icon: 'view', label: 'view', panel: panels.view },
    { id: 'picture-panel', icon: 'picture', label: 'picture', panel: panels.picture },
    { id: 'keys-panel', icon: 'keys', label: 'keys', panel: panels.keys, isInput: true },
    { id: 'clipboard-panel', icon: 'clipboard', label: 'clipboard', panel: panels.clipboard },
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
      act: (isOn) => choose('touchMode', isOn ? 'touchpad' : 'direct'),
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
      (isOn) => toolbar.setOn('fullscreen', isOn),
    ),
    { id: 'statistics-panel', icon: 'statistics', label: 'statistics', panel: laterPanels.statistics },
    { id: 'people-panel', icon: 'people', label: 'people', panel: laterPanels.people, isOwners: true },
    { id: 'access-panel', icon: 'access', label: 'access', panel: laterPanels.access, isOwners: true },
    { id: 'help', icon: 'help', label: 'help', panel: panels.help },
    { id: SIGN_OUT, icon: 'logOut', label: 'signOut', act: () => void wayIn.logOut() },
  ],
});

/** Reason why there is no picture. It stays visible during the next attempt. */
let reason = '';
let mayRead = true;

const { events } = view;
events.on('connecting', () => {
  toolbar.setState('connecting');
  const title = view.hasPicture ? text('reconnecting') : text('connecting');
  overlay.show({ kind: 'connecting', title, reason });
});
events.on('connected', () => {
  toolbar.setState('connected');
  view.focus();
});
events.on('picture', () => {
  overlay.show({ kind: 'none' });
  reason = '';
});
events.on('stalled', (isStalled) => {
  toolbar.setState(isStalled ? 'stalled' : 'connected');
  if (isStalled) notice.hold(text('stalledNotice'));
  else notice.release();
});
events.on('disconnected', ({ explanation, retryAtMs }) => {
  toolbar.setState('disconnected');
  wayIn.ended(explanation, retryAtMs);
  reason = explanation.reason;
  mayRead = true;
});
events.on('rights', ({ read, write, owner }) => {
  isOwner = owner;
  toolbar.setRights({ read, write: write && !address.viewOnly, owner });
  if (!read) overlay.show(noRightToRead());
  else if (!mayRead) overlay.show({ kind: 'none' });
  mayRead = read;
});
events.on('name', (name) => {
  document.title = name || 'Deskwire';
  toolbar.setName(name || 'Deskwire');
});
events.on('resizable', (isPossible) => panels.view.setResizable(isPossible));
events.on('clipboard', (content) => panels.clipboard.copied(content));
events.on('notice', (sentence) => notice.show(sentence));
events.on('refusedInput', () => notice.show(text('viewOnlyNotice')));
events.on('keysReleased', () => panels.keys.released());

keepInStep(events, baseUrl);

view.isPageShortcut = (event) => {
  const isToolbar = isLeaveChord(event);
  if (isToolbar) toolbar.focus();
  return isToolbar;
};

// A tap on a phone is a click on the desktop, and not a wish for the keyboard.
if (matchMedia('(pointer: coarse)').matches) view.isOnScreenKeyboardShown = false;
for (const name of Object.keys(effects) as (keyof Preferences)[]) carryOut(name);
wayIn.begin(address.autoconnect);

/** Takes a choice of the user. */
function choose<Name extends keyof Preferences>(name: Name, choice: Preferences[Name]): void {
  preferences.set(name, choice);
  carryOut(name);
  if (name === 'barHidden' && choice === true) notice.show(text('hiddenNotice'));
}

function carryOut<Name extends keyof Preferences>(name: Name): void {
  effects[name]?.(preferences.get(name));
}

function setWheel(): void {
  view.wheel = { speed: preferences.get('wheelSpeed'), isReversed: preferences.get('wheelReversed') };
}

function overridePreferences({ picture, scaleMode, matchWindow }: AddressSettings): void {
  if (picture) preferences.override('picture', picture);
  if (scaleMode) preferences.override('scaleMode', scaleMode);
  if (matchWindow !== undefined) preferences.override('matchWindow', matchWindow);
}
