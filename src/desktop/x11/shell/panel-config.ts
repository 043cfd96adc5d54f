import type { Application } from './applications.ts';

/** Height of the panel at the usual dots per inch, in pixels. */
export const PANEL_PX = 42;

/** Returns a desktop entry of the panel's launcher. `iconFolder` is absolute. */
export const desktopEntry = ({ name, icon, command }: Application, iconFolder: string): string =>
  `[Desktop Entry]
Type=Application
Name=${name}
Exec=${command.replaceAll("'", '"')}
Icon=${iconFolder}/${icon}.svg
`;

export interface PanelFiles {
  /** Absolute paths of desktop entries. */
  readonly entries: readonly string[];
  readonly iconFolder: string;
  /** Command line that opens the menu of all programs. Undefined if nothing can show one. */
  readonly menuCommand: string | undefined;
  /** How much larger everything is than at the usual dots per inch, fonts included. */
  readonly scale: number;
}

/** Returns a style of tint2: a white shine without a border, in per cent of opacity. */
const whitened = ({
  still,
  hover,
  pressed,
}: Readonly<Record<'still' | 'hover' | 'pressed', number>>): string =>
  `rounded = 6
border_width = 0
background_color = #ffffff ${still}
border_color = #ffffff 0
background_color_hover = #ffffff ${hover}
border_color_hover = #ffffff 0
background_color_pressed = #ffffff ${pressed}
border_color_pressed = #ffffff 0
`;

/** Returns tint2's configuration. The panel has no clock, which would change the picture while nothing happens. */
export function panelConfig({ entries, iconFolder, menuCommand, scale }: PanelFiles): string {
  const px = (pixels: number): number => Math.round(pixels * scale);
  return `# 1: panel
rounded = 0
border_width = 0
background_color = #111a24 94
border_color = #000000 0

# 2: task, launcher and button
${whitened({ still: 0, hover: 12, pressed: 20 })}
# 3: active task
${whitened({ still: 14, hover: 20, pressed: 24 })}
# 4: tooltip
rounded = 4
border_width = 1
background_color = #1b2836 100
border_color = #33445a 100

panel_items = ${menuCommand === undefined ? '' : 'P'}LTS
panel_size = 100% ${px(PANEL_PX)}
panel_margin = 0 0
panel_padding = ${px(6)} 0 ${px(6)}
panel_background_id = 1
wm_menu = 1
panel_dock = 0
panel_position = bottom center horizontal
panel_layer = top
panel_monitor = all
panel_shrink = 0
panel_window_name = panel
strut_policy = follow_size
font_shadow = 0
mouse_effects = 1

taskbar_mode = single_desktop
taskbar_padding = ${px(6)} ${px(4)} ${px(4)}
taskbar_background_id = 0
taskbar_active_background_id = 0
taskbar_name = 0
taskbar_hide_if_empty = 0
task_text = 1
task_icon = 1
task_centered = 0
task_tooltip = 0
urgent_nb_of_blink = 0
task_maximum_size = ${px(190)} ${px(34)}
task_padding = ${px(8)} ${px(3)} ${px(8)}
task_font = DejaVu Sans ${px(9)}
task_font_color = #b9c6d4 100
task_active_font_color = #ffffff 100
task_iconified_font_color = #7c8ea2 100
task_background_id = 2
task_active_background_id = 3
task_urgent_background_id = 3
task_iconified_background_id = 2
mouse_left = toggle_iconify
mouse_middle = none
mouse_right = none
mouse_scroll_up = none
mouse_scroll_down = none

systray_padding = ${px(4)} ${px(4)} ${px(6)}
systray_background_id = 0
systray_sort = ascending
systray_icon_size = ${px(22)}
systray_monitor = 1

launcher_padding = ${px(2)} ${px(3)} ${px(4)}
launcher_background_id = 0
launcher_icon_background_id = 2
launcher_icon_size = ${px(36)}
launcher_tooltip = 1
startup_notifications = 0
${entries.map((path) => `launcher_item_app = ${path}\n`).join('')}
tooltip_show_timeout = 0.4
tooltip_hide_timeout = 0.1
tooltip_padding = ${px(8)} ${px(5)}
tooltip_background_id = 4
tooltip_font = DejaVu Sans ${px(9)}
tooltip_font_color = #e6edf3 100
${menuCommand === undefined ? '' : menuButton(iconFolder, menuCommand, px)}`;
}

const menuButton = (iconFolder: string, command: string, px: (pixels: number) => number): string => `
button = new
button_icon = ${iconFolder}/menu.svg
button_text =
button_tooltip = Programs
button_lclick_command = ${command}
button_rclick_command = ${command}
button_padding = ${px(4)} ${px(3)}
button_background_id = 2
button_max_icon_size = ${px(30)}
`;

/** Returns a shell script that prints jgmenu's list: our programs, then all that are installed. */
export function menuScript(applications: readonly Application[], iconFolder: string): string {
  const ours = applications.map(({ name, icon, command }) => `${name},${command},${iconFolder}/${icon}.svg`);
  return ["cat <<'END'", ...ours, '^sep()', 'END', 'exec jgmenu_run apps', ''].join('\n');
}

/** Returns the look of the menu of programs, for jgmenu. */
export function menuConfig(scale: number): string {
  const px = (pixels: number): number => Math.round(pixels * scale);
  return `position_mode = fixed
terminal_exec = xterm
terminal_args = -e
menu_margin_x = 6
menu_margin_y = ${px(PANEL_PX) + 6}
menu_width = ${px(220)}
menu_height_max = 0
menu_padding_top = ${px(6)}
menu_padding_right = ${px(6)}
menu_padding_bottom = ${px(6)}
menu_padding_left = ${px(6)}
menu_radius = 0
menu_border = 1
menu_halign = left
menu_valign = bottom
sub_hover_action = 1
item_margin_x = 2
item_margin_y = 1
item_height = ${px(28)}
item_padding_x = ${px(8)}
item_radius = 4
item_border = 0
sep_height = ${px(7)}
font = DejaVu Sans ${px(9)}
icon_size = ${px(20)}
icon_theme = Adwaita
arrow_string = ›
color_menu_bg = #1b2836 100
color_menu_border = #0c141d 100
color_norm_bg = #000000 0
color_norm_fg = #e6edf3 100
color_sel_bg = #2f6fa8 100
color_sel_fg = #ffffff 100
color_sel_border = #000000 0
color_sep_fg = #33445a 100
color_title_fg = #8fa0b3 100
`;
}

/** Look of GTK 2 programs. The user's own settings come after it. */
export const GTK2_SETTINGS = `gtk-theme-name = "Clearlooks"
gtk-icon-theme-name = "Adwaita"
gtk-font-name = "DejaVu Sans 9"
gtk-color-scheme = "bg_color:#eef1f4;fg_color:#1d2733;base_color:#ffffff;text_color:#1d2733;selected_bg_color:#2f6fa8;selected_fg_color:#ffffff;tooltip_bg_color:#1b2836;tooltip_fg_color:#e6edf3"
`;
