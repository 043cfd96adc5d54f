import { BrowserClipboard } from './browser-clipboard.ts';
import { NO_RIGHT_TO_READ, overlayFor } from './disconnect.ts';
import { Keyboard } from './input/keyboard.ts';
import { platformOf } from './input/platform.ts';
import { Pointer } from './input/pointer.ts';
import type { TouchMode } from './input/touch/gestures.ts';
import { TouchInput } from './input/touch/touch-input.ts';
import { Link } from './link.ts';
import { PreferenceStore } from './preferences.ts';
import { cssCursor, cursorImage } from './render/cursor.ts';
import { DrawnPointer } from './render/drawn-pointer.ts';
import type { ScaleMode } from './render/geometry.ts';
import { Screen } from './render/screen.ts';
import { readSettings } from './settings.ts';
import { element } from './ui/element.ts';
import { Notice } from './ui/notice.ts';
import { Overlay } from './ui/overlay.ts';
import { Toolbar } from './ui/toolbar.ts';
import { WindowMatcher } from './ui/window-matcher.ts';

const CTRL_ALT_DEL = [
  { key: 'Control', code: 'ControlLeft', location: 1 },
  { key: 'Alt', code: 'AltLeft', location: 1 },
  { key: 'Delete', code: 'Delete', location: 0 },
];

const canvas = element('screen', HTMLCanvasElement);
const screen = new Screen(canvas, element('stage', HTMLElement));
const overlay = new Overlay();
const notice = new Notice();

const baseUrl = new URL('./', document.baseURI);
const preferences = new PreferenceStore(baseUrl);

const link = new Link(baseUrl, readSettings(location.search), {
  onConnecting() {
    toolbar.setState('connecting');
    const title = screen.hasPicture ? 'Reconnecting' : 'Connecting';
    overlay.show({ kind: 'connecting', title, reason });
  },
  onConnected(name) {
    clipboard.connected();
    setName(name);
    toolbar.setState('connected');
    keyboard.focus();
  },
  draw(ops) {
    screen.draw(ops);
  },
  onRights({ read, write }) {
    toolbar.setRights({ read, write });
    mayWrite = write;
    offerMatch();
    if (!read) overlay.show(NO_RIGHT_TO_READ);
    else if (!mayRead) overlay.show({ kind: 'none' });
    mayRead = read;
  },
  onFirstPicture() {
    screen.setStale(false);
    if (mayRead) overlay.show({ kind: 'none' });
    reason = '';
  },
  onName: setName,
  onCursor(shape) {
    const image = cursorImage(shape);
    canvas.style.cursor = cssCursor(image);
    drawnPointer.setShape(image);
  },
  onResizable(possible) {
    canResize = possible;
    offerMatch();
  },
  onClipboard: (content) => clipboard.copied(content),
  onNotice: (text) => notice.show(text),
  onStalled(isStalled) {
    toolbar.setState(isStalled ? 'stalled' : 'connected');
    if (isStalled) notice.hold('The server does not answer. What you type waits for it.');
    else notice.release();
  },
  onDisconnected(explanation, retryAtMs) {
    mayRead = true;
    canResize = false;
    pointer.releaseAll();
    touch.releaseAll();
    keyboard.releaseAll();
    canvas.style.cursor = 'default';
    if (explanation.hidesPicture) screen.hide();
    else screen.setStale(true);
    toolbar.setState('disconnected');
    overlay.show(overlayFor(explanation, retryAtMs));
    mustSignIn = !explanation.retries;
    reason = explanation.reason;
  },
});

const keyboard = new Keyboard(element('keys', HTMLTextAreaElement), link, platformOf(navigator));
const pointer = new Pointer(canvas, link, (event) => screen.toDesktopPoint(event));
const drawnPointer = new DrawnPointer(element('pointer', HTMLImageElement));
const touch = new TouchInput(canvas, link, screen, {
  onTouch: hintAtViewOnly,
  onPointer: ({ clientX, clientY }) => drawnPointer.moveTo(clientX, clientY),
});
const clipboard = new BrowserClipboard((content) => link.clipboard(content));
const matcher = new WindowMatcher(screen, (size) => link.requestDesktopSize(size.width, size.height));
const toolbar = new Toolbar(preferences.get('dock'), {
  setScaleMode,
  setMatchWindow,
  setOnScreenKeyboard: (isShown) => keyboard.setOnScreen(isShown),
  setTouchMode,
  lockPointer() {
    pointer.lock().catch(() => notice.show('The browser does not let this page lock the pointer.'));
  },
  setDock: (dock) => preferences.set('dock', dock),
  sendCtrlAltDel: () => keyboard.chord(CTRL_ALT_DEL),
  leave: () => keyboard.focus(),
});
/** Right to read, as the server last reported it. A server that reports no rights refuses what is not allowed. */
let mayRead = true;
let mayWrite = true;
/** Whether the current connection's server lets viewers resize the desktop. */
let canResize = false;
let mustSignIn = false;
/** Reason why there is no picture. It stays visible during the next attempt. */
let reason = '';

pointer.onPress = () => {
  hintAtViewOnly();
  keyboard.focus();
};
keyboard.onPasted = (content) => clipboard.pasted(content);
screen.onPlaced = () => touch.showPointer();
keyboard.isPageShortcut = (event) => {
  const isToolbar = event.ctrlKey && event.altKey && event.shiftKey && event.code === 'KeyM';
  if (isToolbar && event.type === 'keydown') toolbar.focus();
  else if (event.type === 'keydown') hintAtViewOnly();
  return isToolbar;
};
overlay.onAction = () => {
  // The browser asks for name and password only when the page is loaded anew.
  if (mustSignIn) location.reload();
  else link.connect();
};

// A tap on a phone is a click on the desktop, and not a wish for the keyboard.
if (matchMedia('(pointer: coarse)').matches) keyboard.setOnScreen(false);
setScaleMode(preferences.get('scaleMode'));
setMatchWindow(preferences.get('matchWindow'));
setTouchMode(preferences.get('touchMode'));
link.connect();

function offerMatch(): void {
  toolbar.setCanMatch(canResize && mayWrite);
  matcher.setPossible(canResize && mayWrite);
}

function setName(name: string): void {
  document.title = name || 'Deskwire';
  toolbar.setName(name || 'Deskwire');
}

/** Tells users whose input does nothing why that is so. */
function hintAtViewOnly(): void {
  if (!mayWrite) notice.show('You may only watch this desktop.');
}

function setScaleMode(mode: ScaleMode): void {
  preferences.set('scaleMode', mode);
  screen.setMode(mode);
  toolbar.setScaleMode(mode);
  keyboard.focus();
}

function setMatchWindow(isOn: boolean): void {
  preferences.set('matchWindow', isOn);
  matcher.setOn(isOn);
  toolbar.setMatchWindow(isOn);
  keyboard.focus();
}

function setTouchMode(mode: TouchMode): void {
  preferences.set('touchMode', mode);
  touch.setMode(mode);
  if (mode === 'direct') drawnPointer.hide();
  toolbar.setTouchMode(mode);
}
