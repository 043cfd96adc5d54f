import type { Config } from '../../config/config.ts';
import type { DesktopUser } from '../../desktop/x11/server/desktop-user.ts';
import { probeDisplay } from '../../desktop/x11/server/display-host.ts';
import { findProgram } from '../../desktop/x11/server/launch.ts';
import { findRoom, noRoom } from '../../desktop/x11/server/runtime-dir.ts';
import { Xvfb } from '../../desktop/x11/server/xvfb.ts';
import { areaPx } from '../../pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../pixels/shared-frame.ts';
import { type Finding, failed, ok, reasonOf, warning } from './finding.ts';

type DesktopConfig = Pick<Config, 'display' | 'maxSize' | 'desktopUser'>;

/** A user without rights, for a start before the desktop's own user has been made. */
const STAND_IN: DesktopUser = {
  name: 'nobody',
  uid: 65534,
  gid: 65534,
  home: '/',
  shell: '/bin/sh',
  isOurs: true,
};

/** Checks that the display to attach to is there, or that an X server of our own starts, by starting one. */
export async function checkDesktop(config: DesktopConfig): Promise<Finding[]> {
  if (config.display !== undefined) return [await checkDisplay(config.display)];
  const { finding, user } = await checkUser(config.desktopUser);
  const findings = [await checkRoom(config), finding];
  if (findings.every(({ outcome }) => outcome !== 'failed') && findProgram('Xvfb', process.env.PATH))
    findings.push(await startOnce(config, user));
  return findings;
}

async function checkDisplay(display: string): Promise<Finding> {
  try {
    const { width, height } = await probeDisplay(display);
    return ok('display', `${display} can be attached to, ${width}x${height}`);
  } catch (error) {
    const remedy = 'start that X server, set XAUTHORITY to its cookie, or leave out --display';
    return failed('display', reasonOf(error), remedy);
  }
}

async function checkRoom({ maxSize }: DesktopConfig): Promise<Finding> {
  const bytes = areaPx(maxSize) * BYTES_PER_PIXEL;
  const found = await findRoom(bytes, false);
  const remedy =
    'enlarge /dev/shm (docker run --shm-size 256m; in Kubernetes an emptyDir with medium: Memory), or choose a smaller --max-size';
  if (found.place === undefined) return failed('shm', reasonOf(noRoom(bytes, found)), remedy);
  if (!found.isShared) return ok('shm', found.seen.join(', '));
  const detail = `${found.place} lets every user of this machine replace files`;
  return warning('shm', detail, `run chmod 1777 ${found.place} as root, if there are other users`);
}

interface UserCheck {
  readonly finding: Finding;
  /** The user to start an X server as; undefined for the server's own. */
  readonly user?: DesktopUser | undefined;
}

/** Checks the Unix user of the desktop. Makes none: STAND_IN takes the place of one that the first start will make. */
async function checkUser(name: string | undefined): Promise<UserCheck> {
  const isRoot = process.geteuid?.() === 0;
  if (!isRoot && name === undefined) {
    const detail = "the programs of the desktop run as the server's own user";
    return { finding: ok('desktop-user', `${detail}; a user who may write acts as that user`) };
  }
  const { lookUpUser, OUR_USER } = await import('../../desktop/x11/server/desktop-user.ts');
  const wanted = name ?? OUR_USER;
  if (!isRoot) {
    const { username } = await import('node:os').then(({ userInfo }) => userInfo());
    if (username === wanted) return { finding: ok('desktop-user', wanted) };
    const detail = `only root can run the desktop as ${wanted}`;
    return {
      finding: failed('desktop-user', detail, 'start the server as root, or leave out --desktop-user'),
    };
  }
  const found = await lookUpUser(wanted).catch(() => undefined);
  if (found?.uid === 0) return { finding: ok('desktop-user', wanted) };
  if (found !== undefined) return { finding: ok('desktop-user', wanted), user: found };
  if (name !== undefined) {
    const remedy = 'make it with useradd, or name another one';
    return { finding: failed('desktop-user', `there is no user ${wanted}`, remedy) };
  }
  if (findProgram('useradd', '/usr/sbin:/sbin:/usr/bin:/bin'))
    return { finding: ok('desktop-user', `${wanted} will be made`), user: STAND_IN };
  const detail = `${wanted} does not exist, and useradd, which makes it, is not installed`;
  const remedy = 'install the package passwd, or name another user with --desktop-user';
  return { finding: failed('desktop-user', detail, remedy) };
}

/** Starts an X server as the desktop's user, so that it is no more root's than after a real start. */
async function startOnce({ maxSize }: DesktopConfig, user: DesktopUser | undefined): Promise<Finding> {
  const startedAt = performance.now();
  try {
    const xvfb = await Xvfb.start({ maxSize, user });
    await xvfb.close();
    const ms = Math.round(performance.now() - startedAt);
    return ok('xvfb', `starts${user ? ` as ${user.name}` : ''} and ends, in ${ms} ms`);
  } catch (error) {
    return failed('xvfb', reasonOf(error), 'see docs/deploy.md for what a container needs');
  }
}
