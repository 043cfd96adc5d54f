import { textOf } from '../protocol/clipboard-content.ts';
import { NO_RIGHT_TO_READ, overlayFor } from './disconnect.ts';
import { Keyboard } from './input/keyboard.ts';
import { platformOf } from './input/platform.ts';
import { Pointer } from './input/pointer.ts';
import { Link } from './link.ts';
import { writeToBrowser } from './pasted-content.ts';
import { cssCursor } from './render/cursor.ts';
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

const link = new Link(new URL('./', document.baseURI), readSettings(location.search), {
  onConnecting() {
    toolbar.setState('connecting');
    const title = screen.hasPicture ? 'Reconnecting' : 'Connecting';
    overlay.show({ kind: 'connecting', title, reason });
  },
  onConnected(name) {
    isFirstContent = true;
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
    canvas.style.cursor = cssCursor(shape);
  },
  onResizable(possible) {
    canResize = possible;
    offerMatch();
  },
  onClipboard(content) {
    const text = textOf(content);
    const isOld = isFirstContent && text !== undefined && text === lastCopied;
    isFirstContent = false;
    lastCopied = text;
    // What the server offers anew after a break must not replace what the user has copied elsewhere since.
    if (isOld) return;
    // Browsers allow a page to write the clipboard only while it has the focus. A refusal is not worth an error.
    if (document.hasFocus()) writeToBrowser(content).catch(() => {});
  },
  onNotice(text) {
    notice.show(text);
  },
  onDisconnected(explanation, retryAtMs) {
    mayRead = true;
    canResize = false;
    pointer.releaseAll();
    keyboard.releaseAll();
    canvas.style.cursor = 'default';
    screen.setStale(true);
    toolbar.setState('disconnected');
    overlay.show(overlayFor(explanation, retryAtMs));
    mustSignIn = !explanation.retries;
    reason = explanation.reason;
  },
});

const keyboard = new Keyboard(element('keys', HTMLTextAreaElement), link, platformOf(navigator.platform));
const pointer = new Pointer(canvas, link, (event) => screen.toDesktopPoint(event));
const matcher = new WindowMatcher(screen, (size) => link.requestDesktopSize(size.width, size.height));
const toolbar = new Toolbar({
  setScaleMode,
  setMatchWindow(isOn) {
    matcher.setOn(isOn);
    toolbar.setMatchWindow(isOn);
    keyboard.focus();
  },
  sendCtrlAltDel: () => keyboard.chord(CTRL_ALT_DEL),
  leave: () => keyboard.focus(),
});
/** Right to read, as the server last reported it. A server that reports no rights refuses what is not allowed. */
let mayRead = true;
let mayWrite = true;
/** Whether the current connection's server lets viewers resize the desktop. */
let canResize = false;
let mustSignIn = false;
/** Text that the desktop copied last. */
let lastCopied: string | undefined;
/** Whether the connection has brought no clipboard yet. */
let isFirstContent = true;
/** Reason why there is no picture. It stays visible during the next attempt. */
let reason = '';

pointer.onPress = () => keyboard.focus();
keyboard.isPageShortcut = (event) => {
  const isToolbar = event.ctrlKey && event.altKey && event.shiftKey && event.code === 'KeyM';
  if (isToolbar && event.type === 'keydown') toolbar.focus();
  return isToolbar;
};
overlay.onAction = () => {
  // The browser asks for name and password only when the page is loaded anew.
  if (mustSignIn) location.reload();
  else link.connect();
};

link.connect();

function offerMatch(): void {
  toolbar.setCanMatch(canResize && mayWrite);
  matcher.setPossible(canResize && mayWrite);
}

function setName(name: string): void {
  document.title = name || 'Deskwire';
  toolbar.setName(name || 'Deskwire');
}

function setScaleMode(mode: ScaleMode): void {
  screen.setMode(mode);
  toolbar.setScaleMode(mode);
  keyboard.focus();
}
