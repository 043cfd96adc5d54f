import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/errors.ts';
import { readVncPassword, type VncPassword } from './vnc-password.ts';

/** A VNC password, and the user as whom it lets in. */
export interface VncLogin {
  readonly password: VncPassword;
  readonly user: string;
}

type VncSettings = Pick<Config, 'rfbPort' | 'rfbSocket' | 'vncPasswordFile' | 'vncUser'>;

/** Reads what the settings say of VNC passwords. Undefined: none are used. Throws ConfigError. */
export function readVncLogin(
  { rfbPort, rfbSocket, vncPasswordFile, vncUser }: VncSettings,
  log: Pick<Logger, 'warn'>,
): VncLogin | undefined {
  if (vncPasswordFile === undefined && vncUser === undefined) return undefined;
  if (vncPasswordFile === undefined || vncUser === undefined) {
    const [given, missing] =
      vncUser === undefined ? ['--vnc-password-file', '--vnc-user'] : ['--vnc-user', '--vnc-password-file'];
    throw new ConfigError('CFG_VNC_PASSWORD', `${given} needs ${missing} as well.`);
  }
  if (rfbPort === undefined && rfbSocket === undefined) {
    throw new ConfigError(
      'CFG_VNC_PASSWORD',
      '--vnc-password-file is for --rfb-port or --rfb-socket; give one.',
    );
  }
  const { password, warnings } = readVncPassword(vncPasswordFile);
  for (const warning of warnings) log.warn(warning);
  return { password, user: vncUser };
}
