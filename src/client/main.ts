import { type AddressSettings, readAddress } from './address-settings.ts';
import { Choices } from './choices.ts';
import { noRightToRead } from './disconnect.ts';
import { fleetFolder, nameInFleet } from './fleet-place.ts';
import { isLeaveChord } from './input/leave-chord.ts';
import { LaterBar } from './later-bar.ts';
import { keepInStep } from './offline.ts';
import { pageFolder } from './page-folder.ts';
import { PreferenceStore } from './preferences.ts';
import { afterNextFrame } from './render/frame-gate.ts';
import { loadLanguage, text } from './text/texts.ts';
import { Notice } from './ui/notice.ts';
import { Overlay } from './ui/overlay.ts';
import { createParts } from './view/parts.ts';
import { View } from './view/view.ts';
import { WayIn } from './way-in.ts';

document.documentElement.lang = await loadLanguage(navigator.languages);

const baseUrl = pageFolder();
const preferences = new PreferenceStore(baseUrl);
const address = readAddress(location.search);
overridePreferences(address);

const root = document.getElementById('view')!;
const parts = createParts(root, { desktop: text('desktop'), keys: text('keysLabel') });
const view = new View(parts, { baseUrl, picture: preferences.get('picture'), viewOnly: false });
const choices = new Choices(preferences, view);
// In a frame, the way to the other desktops is that of the page around it.
const fleet = window.top === window ? fleetFolder() : undefined;
const overlay = new Overlay(document.body, fleet);
const notice = new Notice(document.body);
const bar = new LaterBar({ view, choices, notice, fleet, logOut: () => void wayIn.logOut() });
const wayIn = new WayIn({ view, overlay, baseUrl, onUser: (name) => bar.tell('user', name) });

/** Reason why there is no picture. It stays visible during the next attempt. */
let reason = '';
let mayRead = true;
/** Whether the page waits for a desktop of a fleet that does not run. Its card says so until the desktop is there. */
let isAbsent = false;
const ownName = nameInFleet(baseUrl);
if (ownName !== undefined) document.title = ownName;

const { events } = view;
events.on('connecting', () => {
  bar.tell('state', isAbsent ? 'disconnected' : 'connecting');
  if (isAbsent) return;
  const title = view.hasPicture ? text('reconnecting') : text('connecting');
  overlay.show({ kind: 'connecting', title, reason });
});
events.on('connected', () => {
  bar.tell('state', 'connected');
  view.focus();
});
events.on('picture', () => {
  isAbsent = false;
  overlay.show({ kind: 'none' });
  reason = '';
  void afterNextFrame().then(() => bar.load());
});
events.on('stalled', (isStalled) => {
  bar.tell('state', isStalled ? 'stalled' : 'connected');
  if (isStalled) notice.hold(text('stalledNotice'));
  else notice.release();
});
events.on('disconnected', ({ explanation, retryAtMs }) => {
  bar.tell('state', 'disconnected');
  // A card says what is so now.
  notice.clear();
  wayIn.ended(explanation, retryAtMs);
  reason = explanation.reason;
  isAbsent = explanation.next === 'wait';
  mayRead = true;
});
events.on('rights', ({ read, write, owner }) => {
  bar.tell('rights', { read, write: write && !view.isViewOnly, owner });
  if (!read) {
    notice.clear();
    overlay.show(noRightToRead());
  } else if (!mayRead) overlay.show({ kind: 'none' });
  mayRead = read;
});
events.on('name', (name) => {
  const shown = ownName ?? (name || 'Deskwire');
  document.title = shown;
  bar.tell('name', shown);
});
events.on('resizable', (isPossible) => bar.tell('isResizable', isPossible));
events.on('clipboard', (content) => bar.tell('clipboard', content));
events.on('notice', (sentence) => notice.show(sentence));
events.on('refusedInput', () => notice.show(text(view.isViewOnly ? 'watchOnlyNotice' : 'viewOnlyNotice')));
events.on('keysReleased', () => bar.keysReleased());

keepInStep(events, baseUrl);

view.isPageShortcut = (event) => {
  const isToolbar = isLeaveChord(event);
  if (isToolbar) bar.focus();
  return isToolbar;
};

// A tap on a phone is a click on the desktop, and not a wish for the keyboard.
if (matchMedia('(pointer: coarse)').matches) view.isOnScreenKeyboardShown = false;
choices.carryOutAll();
wayIn.begin();

function overridePreferences({ picture, scaleMode, matchWindow, viewOnly }: AddressSettings): void {
  if (picture) preferences.override('picture', picture);
  if (scaleMode) preferences.override('scaleMode', scaleMode);
  if (matchWindow !== undefined) preferences.override('matchWindow', matchWindow);
  if (viewOnly) preferences.override('viewOnly', true);
}
