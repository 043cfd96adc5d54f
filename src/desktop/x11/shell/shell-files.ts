import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Size } from '../../../pixels/rect.ts';
import { findApplications, terminalCommand } from './applications.ts';
import { ICONS } from './icons.ts';
import { OPENBOX_THEME, openboxMenu, openboxRc } from './openbox-config.ts';
import { desktopEntry, GTK2_SETTINGS, menuConfig, menuScript, panelConfig } from './panel-config.ts';

export interface ShellOptions {
  /** Absolute path of a folder for the files. It does not exist, or has those of an earlier start. */
  readonly folder: string;
  /** Size of the desktop. */
  readonly size: Size;
  /** How much larger everything is than at the usual dots per inch. */
  readonly scale: number;
  /** Home folder of the user. */
  readonly home: string;
  isInstalled(program: string): boolean;
}

/** The programs of our desktop, and what they need. */
export interface Shell {
  readonly windowManager: readonly string[];
  /** Undefined if no panel is installed. */
  readonly panel: readonly string[] | undefined;
  readonly terminal: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Path of an empty file, which gets content when the window manager listens. */
  readonly listens: string;
  /** Paths of all other files and folders that were made. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** Writes the configuration of the desktop's programs. They read it, and write nothing but `listens`. */
export async function writeShell({ folder, size, scale, home, isInstalled }: ShellOptions): Promise<Shell> {
  const [iconFolder, theme] = [join(folder, 'icons'), join(folder, 'theme')];
  const themeFiles = join(theme, 'openbox-3');
  const [rc, menu, listens] = [join(folder, 'rc.xml'), join(folder, 'menu.xml'), join(folder, 'listens')];
  const [panel, list, look] = [join(folder, 'panel'), join(folder, 'menu.sh'), join(folder, 'menu')];
  const gtk = join(folder, 'gtkrc-2.0');
  const applications = findApplications(isInstalled, size, scale);
  const entries = applications.map((application) => ({
    path: join(folder, `${application.icon}.desktop`),
    text: desktopEntry(application, iconFolder),
  }));
  const menuCommand = isInstalled('jgmenu')
    ? `jgmenu --simple --config-file=${look} --csv-cmd="sh ${list}"`
    : undefined;
  const files: Readonly<Record<string, string>> = {
    [rc]: openboxRc(theme, menu),
    [menu]: openboxMenu(applications),
    [join(themeFiles, 'themerc')]: OPENBOX_THEME,
    [panel]: panelConfig({ entries: entries.map(({ path }) => path), iconFolder, menuCommand, scale }),
    [list]: menuScript(applications, iconFolder),
    [look]: menuConfig(scale),
    [gtk]: GTK2_SETTINGS,
    ...Object.fromEntries(entries.map(({ path, text }) => [path, text])),
    ...Object.fromEntries(
      Object.entries(ICONS).map(([name, text]) => [join(iconFolder, `${name}.svg`), text]),
    ),
  };
  const folders = [folder, iconFolder, theme, themeFiles];
  for (const path of folders) await mkdir(path, { recursive: true });
  await Promise.all(
    // An earlier X server may have left a file `listens` with content.
    Object.entries({ ...files, [listens]: '' }).map(([path, text]) => writeFile(path, text)),
  );
  return {
    // Openbox starts the command by itself, without a shell.
    windowManager: ['openbox', '--config-file', rc, '--startup', `/bin/sh -c 'echo yes >"$0"' '${listens}'`],
    panel: isInstalled('tint2') ? ['tint2', '-c', panel] : undefined,
    terminal: terminalCommand(size, scale),
    environment: { GTK2_RC_FILES: [gtk, '/etc/gtk-2.0/gtkrc', join(home, '.gtkrc-2.0')].join(':') },
    listens,
    files: Object.keys(files),
    folders,
  };
}
