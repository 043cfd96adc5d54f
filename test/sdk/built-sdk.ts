import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSdk } from '../../scripts/build-sdk.ts';

const ROOT = join(import.meta.dirname, '../..');

// biome-ignore lint/suspicious/noExplicitAny: the build makes the types of the library; test/docs/sdk.test.ts checks them.
export type Client = any;

/** The client library, built as the npm package has it. */
export class BuiltSdk {
  /** Builds it into `node_modules/deskwire` of a new folder, in which programs can import it by its name. */
  static async build(): Promise<BuiltSdk> {
    const folder = mkdtempSync(join(tmpdir(), 'deskwire-sdk-'));
    const place = join(folder, 'node_modules/deskwire');
    mkdirSync(place, { recursive: true });
    copyFileSync(join(ROOT, 'package.json'), join(place, 'package.json'));
    await buildSdk(join(place, 'dist/sdk'));
    const load = (name: string) => import(pathToFileURL(join(place, 'dist/sdk', name)).href);
    return new BuiltSdk(folder, await load('index.js'), await load('node.js'));
  }

  readonly folder: string;
  readonly connect: (options: object) => Client;
  readonly hasCode: (error: unknown, ...codes: readonly string[]) => boolean;
  readonly nodeFetch: (options: object) => typeof fetch;

  private constructor(folder: string, main: Client, node: Client) {
    this.folder = folder;
    this.connect = main.connect;
    this.hasCode = main.hasCode;
    this.nodeFetch = node.nodeFetch;
  }

  /** The folder with the modules and their types. */
  get modules(): string {
    return join(this.folder, 'node_modules/deskwire/dist/sdk');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
