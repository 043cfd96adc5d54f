import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Config } from '../../config/config.ts';
import { probeDisplay } from '../../desktop/x11/server/display-host.ts';
import { findProgram } from '../../desktop/x11/server/launch.ts';
import { findRoom, noRoom } from '../../desktop/x11/server/runtime-dir.ts';
import { Xvfb } from '../../desktop/x11/server/xvfb.ts';
import { areaPx } from '../../pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../pixels/shared-frame.ts';
import { type Finding, failed, ok, reasonOf, warning } from './finding.ts';

type DesktopConfig = Pick<Config, 'display' | 'maxSize' | 'desktopUser'>;

/** Checks that the display to attach to is there, or that an X server of our own starts, by starting one. */
export async function checkDesktop(config: DesktopConfig): Promise<Finding[]> {
  if (config.display !== undefined) return [await checkDisplay(config.display)];
  const findings = [await checkRoom(config), await checkUser(config.desktopUser)];
  if (findings.every(({ outcome }) => outcome !== 'failed') && findProgram('Xvfb', process.env.PATH))
    findings.push(await startOnce(config));
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

/** Checks the Unix user of the desktop. Makes none. */
async function checkUser(name: string | undefined): Promise<Finding> {
  const isRoot = process.geteuid?.() === 0;
  if (!isRoot && name === undefined) {
    const detail = "the programs of the desktop run as the server's own user";
    return ok('desktop-user', `${detail}; a user who may write acts as that user`);
  }
  const { OUR_USER } = await import('../../desktop/x11/server/desktop-user.ts');
  const wanted = name ?? OUR_USER;
  const exists = await promisify(execFile)('getent', ['passwd', '--', wanted]).then(
    () => true,
    () => false,
  );
  if (!isRoot) {
    const { username } = await import('node:os').then(({ userInfo }) => userInfo());
    if (username === wanted) return ok('desktop-user', wanted);
    const detail = `only root can run the desktop as ${wanted}`;
    return failed('desktop-user', detail, 'start the server as root, or leave out --desktop-user');
  }
  if (exists) return ok('desktop-user', wanted);
  if (name !== undefined)
    return failed('desktop-user', `there is no user ${wanted}`, `make it with useradd, or name another one`);
  if (findProgram('useradd', '/usr/sbin:/sbin:/usr/bin:/bin'))
    return ok('desktop-user', `${wanted} will be made`);
  const detail = `${wanted} does not exist, and useradd, which makes it, is not installed`;
  return failed(
    'desktop-user',
    detail,
    'install the package passwd, or name another user with --desktop-user',
  );
}

async function startOnce({ maxSize }: DesktopConfig): Promise<Finding> {
  const startedAt = performance.now();
  try {
    const xvfb = await Xvfb.start({ maxSize });
    await xvfb.close();
    return ok('xvfb', `starts and ends, in ${Math.round(performance.now() - startedAt)} ms`);
  } catch (error) {
    return failed('xvfb', reasonOf(error), 'see docs/deploy.md for what a container needs');
  }
}
