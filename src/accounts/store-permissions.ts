/** Owner and permissions of a file or folder, as stat(2) reports them. */
interface Permissions {
  readonly uid: number;
  readonly mode: number;
}

/** A fault of permissions. A file with one that is refused is not used. */
interface PermissionFault {
  readonly isRefused: boolean;
  /** The fault, as the rest of a sentence that begins with the path. */
  readonly what: string;
}

const OTHERS_WRITE = 0o002;
const GROUP_WRITES = 0o020;
const OTHERS_READ = 0o044;
/** In a folder with this bit, only the owner of a file may remove or rename it. */
const STICKY = 0o1000;

/**
 * Judges the permissions of the user file, or of one that is imported, as OpenSSH judges its files: a file that any
 * other user could have written is refused. A group that may write is only warned about, because volumes of containers
 * are often set up so.
 */
export function judgeFile(
  file: Permissions,
  folder: Permissions,
  ourUid: number,
): PermissionFault | undefined {
  if (file.uid !== 0 && file.uid !== ourUid) {
    const what = `belongs to user ${file.uid}, who can make itself an owner of the desktop`;
    // Root may work on the folder of a server that runs as another user.
    return { isRefused: ourUid !== 0 || file.uid !== folder.uid, what };
  }
  if (file.mode & OTHERS_WRITE) {
    return {
      isRefused: true,
      what: 'can be written by every user of this machine (chmod 600 corrects that)',
    };
  }
  if (file.mode & GROUP_WRITES) return warning('can be written by its group (chmod 600 corrects that)');
  if (file.mode & OTHERS_READ) {
    return warning('can be read by other users, with the hashes of all passwords (chmod 600 corrects that)');
  }
  return undefined;
}

/**
 * Judges the permissions of the user file's folder. Whoever may write there can remove the user file, or put a file of
 * its own in its place, which `judgeFile` refuses. So faults are only warned about: volumes of containers, where there
 * are no other users, often have mode 0777.
 */
export function judgeFolder(folder: Permissions, ourUid: number): string | undefined {
  const isShared = (folder.mode & STICKY) === 0;
  if (isShared && folder.mode & OTHERS_WRITE) {
    return 'can be written by every user of this machine (chmod 700 corrects that)';
  }
  if (ourUid !== 0 && folder.uid !== 0 && folder.uid !== ourUid) {
    return `belongs to user ${folder.uid}, who can remove the user file`;
  }
  if (isShared && folder.mode & GROUP_WRITES) return 'can be written by its group (chmod 700 corrects that)';
  return undefined;
}

const warning = (what: string): PermissionFault => ({ isRefused: false, what });
