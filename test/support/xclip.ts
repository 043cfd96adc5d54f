import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The program xclip on a desktop: copies and pastes as programs there do. */
export class Xclip implements Disposable {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #folder = mkdtempSync(join(tmpdir(), 'deskwire-xclip-'));

  /** `environment` has DISPLAY and, if the display needs a cookie, XAUTHORITY. */
  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** Copies. The content can be pasted until the returned process is ended. */
  copy(data: Buffer, type: string): ChildProcess {
    const file = join(this.#folder, 'copied');
    writeFileSync(file, data);
    const args = ['-quiet', '-selection', 'clipboard', '-in', '-target', type, file];
    return spawn('xclip', args, { env: this.#environment, stdio: 'ignore' });
  }

  /** Pastes. Rejects if the clipboard has no such form. */
  paste(type: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const args = ['-selection', 'clipboard', '-o', '-target', type];
      const child = spawn('xclip', args, { env: this.#environment });
      const pieces: Buffer[] = [];
      child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
      child.once('error', reject);
      child.once('close', (code) =>
        code === 0 ? resolve(Buffer.concat(pieces)) : reject(new Error(`xclip ended with ${code}`)),
      );
    });
  }

  /** Whether this can be pasted. */
  async has(data: Buffer, type: string): Promise<boolean> {
    return (await this.paste(type).catch(() => undefined))?.equals(data) ?? false;
  }

  /** Removes the file. */
  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
