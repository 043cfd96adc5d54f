// Environment variables that are no settings.

/** The first owner's password. It is no setting: a flag would be visible in the process list. */
export const OWNER_PASSWORD_ENV = 'DESKWIRE_OWNER_PASSWORD';

/**
 * The setting for the descriptor with that password. The launcher moves the password there before it starts the server,
 * because /proc/PID/environ shows the variables with which a process was started for as long as it runs.
 */
export const OWNER_PASSWORD_FD_ENV = 'DESKWIRE_OWNER_PASSWORD_FD';

/**
 * Set if SIGHUP shall not end the server. The launcher and `npm start` set it when they are started by nohup, because
 * Node.js takes signals that were ignored for those by default.
 */
export const IGNORE_HANGUP_ENV = 'DESKWIRE_IGNORE_HANGUP';

/** Set for every process of a desktop, one of which may be another server: the desktop's runtime folder. */
export const RUNTIME_DIR_ENV = 'DESKWIRE_RUNTIME_DIR';

/** What the commands for operators of a fleet read: docs/fleet.md. */
export const OPERATOR_ENVS = {
  url: 'DESKWIRE_URL',
  ca: 'DESKWIRE_CA',
  user: 'DESKWIRE_USER',
  password: 'DESKWIRE_PASSWORD',
  token: 'DESKWIRE_TOKEN',
} as const;

/** Where a fleet's store is, and the file with that. They are no settings of a desktop. */
export const STORE_ENV = 'DESKWIRE_STORE';
export const STORE_FILE_ENV = 'DESKWIRE_STORE_FILE';
