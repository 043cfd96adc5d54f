import type { Application } from './applications.ts';

/** Background of the desktop until its wallpaper is drawn, 0xrrggbb. */
export const ROOT_COLOUR = 0x14213d;

/**
 * Returns Openbox's rc.xml. Its default has a menu with programs that a small machine does not have. `themeFolder` and
 * `menuFile` are the absolute paths of our theme and our menu.
 */
export const openboxRc = (
  themeFolder: string,
  menuFile: string,
): string => `<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <placement><policy>Smart</policy></placement>
  <theme>
    <name>${themeFolder}</name>
    <titleLayout>LIMC</titleLayout>
    <font place="ActiveWindow"><name>DejaVu Sans</name><size>9</size><weight>bold</weight></font>
    <font place="InactiveWindow"><name>DejaVu Sans</name><size>9</size></font>
    <font place="MenuHeader"><name>DejaVu Sans</name><size>9</size></font>
    <font place="MenuItem"><name>DejaVu Sans</name><size>9</size></font>
  </theme>
  <desktops><number>1</number></desktops>
  <keyboard>
    <keybind key="A-F4"><action name="Close"/></keybind>
    <keybind key="A-Tab"><action name="NextWindow"/></keybind>
    <keybind key="A-S-Tab"><action name="PreviousWindow"/></keybind>
  </keyboard>
  <mouse>
    <context name="Frame">
      <mousebind button="A-Left" action="Drag"><action name="Move"/></mousebind>
      <mousebind button="A-Right" action="Drag"><action name="Resize"/></mousebind>
    </context>
    <context name="Titlebar">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
      <mousebind button="Left" action="Drag"><action name="Move"/></mousebind>
      <mousebind button="Left" action="DoubleClick"><action name="ToggleMaximize"/></mousebind>
    </context>
    <context name="Top"><mousebind button="Left" action="Drag"><action name="Resize"><edge>top</edge></action></mousebind></context>
    <context name="Left"><mousebind button="Left" action="Drag"><action name="Resize"><edge>left</edge></action></mousebind></context>
    <context name="Right"><mousebind button="Left" action="Drag"><action name="Resize"><edge>right</edge></action></mousebind></context>
    <context name="Bottom"><mousebind button="Left" action="Drag"><action name="Resize"><edge>bottom</edge></action></mousebind></context>
    <context name="TLCorner"><mousebind button="Left" action="Drag"><action name="Resize"/></mousebind></context>
    <context name="TRCorner"><mousebind button="Left" action="Drag"><action name="Resize"/></mousebind></context>
    <context name="BLCorner"><mousebind button="Left" action="Drag"><action name="Resize"/></mousebind></context>
    <context name="BRCorner"><mousebind button="Left" action="Drag"><action name="Resize"/></mousebind></context>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
      <mousebind button="Middle" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
      <mousebind button="Right" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
    <context name="Close"><mousebind button="Left" action="Click"><action name="Close"/></mousebind></context>
    <context name="Maximize"><mousebind button="Left" action="Click"><action name="ToggleMaximize"/></mousebind></context>
    <context name="Iconify"><mousebind button="Left" action="Click"><action name="Iconify"/></mousebind></context>
    <context name="Root">
      <mousebind button="Right" action="Press"><action name="ShowMenu"><menu>root-menu</menu></action></mousebind>
      <mousebind button="Left" action="Press"><action name="ShowMenu"><menu>root-menu</menu></action></mousebind>
    </context>
  </mouse>
  <menu><file>${menuFile}</file><hideDelay>200</hideDelay></menu>
</openbox_config>
`;

/** Returns Openbox's menu.xml, which a click on the desktop opens. */
export function openboxMenu(applications: readonly Application[]): string {
  const items = applications.map(
    ({ name, command }) =>
      `    <item label="${name}"><action name="Execute"><command>${xmlText(command)}</command></action></item>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<openbox_menu xmlns="http://openbox.org/3.4/menu">
  <menu id="root-menu" label="Desktop">
${items.join('')}    <separator/>
    <menu id="client-list-menu"/>
  </menu>
</openbox_menu>
`;
}

const xmlText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Openbox's theme: flat and dark, like the panel. */
export const OPENBOX_THEME = `border.width: 1
padding.width: 8
padding.height: 5
window.client.padding.width: 0
window.client.padding.height: 0
window.handle.width: 4
window.label.text.justify: center
menu.items.justify: left
menu.overlap.x: 0
menu.separator.padding.height: 4
menu.separator.padding.width: 8
menu.separator.color: #33445a

window.active.border.color: #0c141d
window.inactive.border.color: #0c141d
window.active.client.color: #1b2836
window.inactive.client.color: #1b2836

window.*.title.bg: flat solid
window.*.label.bg: parentrelative
window.*.handle.bg: flat solid
window.*.grip.bg: flat solid
window.*.button.*.bg: parentrelative

window.active.title.bg.color: #1b2836
window.active.handle.bg.color: #1b2836
window.active.grip.bg.color: #1b2836
window.active.label.text.color: #f1f5f9
window.active.button.unpressed.image.color: #cdd8e4
window.active.button.hover.image.color: #7cc4ff
window.active.button.pressed.image.color: #ffffff
window.active.button.disabled.image.color: #4a5a6b
window.active.button.toggled.image.color: #cdd8e4

window.inactive.title.bg.color: #263545
window.inactive.handle.bg.color: #263545
window.inactive.grip.bg.color: #263545
window.inactive.label.text.color: #8fa0b3
window.inactive.button.unpressed.image.color: #6f8093
window.inactive.button.hover.image.color: #7cc4ff
window.inactive.button.pressed.image.color: #ffffff
window.inactive.button.disabled.image.color: #4a5a6b
window.inactive.button.toggled.image.color: #6f8093

menu.border.width: 1
menu.border.color: #0c141d
menu.title.bg: flat solid
menu.title.bg.color: #16202b
menu.title.text.color: #8fa0b3
menu.title.text.justify: left
menu.items.bg: flat solid
menu.items.bg.color: #1b2836
menu.items.text.color: #e6edf3
menu.items.disabled.text.color: #6f8093
menu.items.active.bg: flat solid
menu.items.active.bg.color: #2f6fa8
menu.items.active.text.color: #ffffff

osd.border.width: 1
osd.border.color: #0c141d
osd.bg: flat solid
osd.bg.color: #1b2836
osd.label.bg: parentrelative
osd.label.text.color: #f1f5f9
osd.hilight.bg: flat solid
osd.hilight.bg.color: #7cc4ff
osd.unhilight.bg: flat solid
osd.unhilight.bg.color: #33445a
`;
