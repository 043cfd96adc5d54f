import { accessSync, constants, existsSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readKasmPasswordFile } from '../../accounts/kasm-password-file.ts';
import { MAX_STORE_BYTES, parseStore } from '../../accounts/store-file.ts';
import { judgeFile, judgeFolder } from '../../accounts/store-permissions.ts';
import { TOKEN_CONTENTS } from '../../accounts/token-file.ts';
import { isMountPoint } from '../../common/mount-point.ts';
import { readRegularFile } from '../../common/read-regular-file.ts';
import type { Config } from '../../config/config.ts';
import { type Finding, failed, ok, reasonOf, warning } from './finding.ts';

const MOUNT_THE_FOLDER = 'mount the folder that it is in instead of the file';

/** Checks the data folder, the user file in it, and the files from which users come. Makes none of them. */
export function checkUsers(config: Pick<Config, 'data' | 'kasmpasswd' | 'ownerPasswordFile'>): Finding[] {
  return [
    ...checkFolder(config.data),
    ...checkFile(config.data),
    ...checkTokens(config.data),
    ...checkImport(config.kasmpasswd),
    ...checkPasswordFile(config.ownerPasswordFile),
  ];
}

function checkFolder(data: string): Finding[] {
  const stats = statOf(data);
  if (stats === undefined) {
    const parent = nearestParent(data);
    if (isWritable(parent)) return [ok('data', `${data} will be made`)];
    const detail = `${data} does not exist, and cannot be made in ${parent}`;
    return [failed('data', detail, 'give a folder that can be written with --data')];
  }
  if (!stats.isDirectory()) return [failed('data', `${data} is no folder`, 'give a folder with --data')];
  const fault = judgeFolder(stats, ourUid());
  if (fault !== undefined) return [warning('data', `${data} ${fault}`, `run chmod 700 ${data}, or chown it`)];
  if (isWritable(data)) return [ok('data', data)];
  const complete = ['users.json', 'cert.pem', 'key.pem'].every((name) => existsSync(join(data, name)));
  const detail = `${data} cannot be written`;
  return complete
    ? [warning('data', detail, 'no user can be changed until it can be')]
    : [failed('data', detail, 'make it writable for this user, or give another folder with --data')];
}

function checkFile(data: string): Finding[] {
  const path = join(data, 'users.json');
  const folder = statOf(data);
  if (folder === undefined || !existsSync(path)) return [ok('users', 'none yet; the start makes an owner')];
  try {
    const found = readRegularFile(path, MAX_STORE_BYTES);
    if (found.kind !== 'text') return [failed('users', `${path} is no file, or too large`, 'move it away')];
    const { users } = parseStore(found.text, path);
    const file = { uid: Number(found.stats.uid), mode: Number(found.stats.mode) };
    const fault = judgeFile(file, folder, ourUid());
    const remedy = `run chmod 600 ${path}, or chown it`;
    if (fault) return [(fault.isRefused ? failed : warning)('users', `${path} ${fault.what}`, remedy)];
    if (isMountPoint(realpathSync(path)))
      return [
        warning('users', `${path} is mounted by itself, so that no user can be changed`, MOUNT_THE_FOLDER),
      ];
    const owners = [...users.values()].filter(({ owner }) => owner).length;
    return [ok('users', `${users.size}, of which ${owners} are owners`)];
  } catch (error) {
    const remedy = 'make it readable for this user, repair it, or move it away to start without users';
    return [failed('users', reasonOf(error), remedy)];
  }
}

/** Finds what is wrong with the token file, which a start reads as well. */
function checkTokens(data: string): Finding[] {
  const path = join(data, TOKEN_CONTENTS.fileName);
  const folder = statOf(data);
  if (folder === undefined || !existsSync(path)) return [];
  try {
    const found = readRegularFile(path, TOKEN_CONTENTS.maxBytes);
    if (found.kind !== 'text') return [failed('tokens', `${path} is no file, or too large`, 'move it away')];
    TOKEN_CONTENTS.parse(found.text, path);
    const fault = judgeFile(
      { uid: Number(found.stats.uid), mode: Number(found.stats.mode) },
      folder,
      ourUid(),
    );
    const remedy = `run chmod 600 ${path}, or chown it`;
    return fault ? [(fault.isRefused ? failed : warning)('tokens', `${path} ${fault.what}`, remedy)] : [];
  } catch (error) {
    const remedy = 'make it readable for this user, repair it, or move it away to start without tokens';
    return [failed('tokens', reasonOf(error), remedy)];
  }
}

function checkImport(path: string | undefined): Finding[] {
  if (path === undefined) return [];
  const warnings: Finding[] = [];
  const onWarning = (text: string): void => {
    warnings.push(warning('kasmpasswd', text, `run chmod 600 ${path}`));
  };
  try {
    const { length } = readKasmPasswordFile(path, onWarning);
    return warnings.length > 0 ? warnings : [ok('kasmpasswd', `${path} has ${length} users`)];
  } catch (error) {
    return [failed('kasmpasswd', reasonOf(error), 'correct the file, or leave out --kasmpasswd')];
  }
}

function checkPasswordFile(path: string | undefined): Finding[] {
  if (path === undefined) return [];
  try {
    accessSync(path, constants.R_OK);
    return [ok('owner', `the password is in ${path}`)];
  } catch (error) {
    return [failed('owner', reasonOf(error), 'make it readable for this user, or name another file')];
  }
}

const ourUid = (): number => process.geteuid?.() ?? 0;

const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

function nearestParent(path: string): string {
  const parent = dirname(path);
  return parent === path || existsSync(parent) ? parent : nearestParent(parent);
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
