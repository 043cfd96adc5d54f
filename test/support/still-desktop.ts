import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

/** A viewer in the answer of `GET /api/viewers`. */
export interface StillViewer {
  readonly user: string;
  readonly cpu: number;
  readonly network: number;
}

/**
 * The socket of a desktop as an edge sees it, without a desktop: it answers with a given picture and given viewers. For
 * edges that are asked more than this machine has desktops for, and for desktops that hang.
 */
export class StillDesktop {
  readonly socketPath: string;
  readonly #server: Server;
  #picture: Uint8Array = new Uint8Array(0);
  #tag = '';
  viewers: readonly StillViewer[] = [];
  /** Whether it takes requests and does not answer. */
  isHung = false;
  /** Requests for pictures that it has not answered, and whose caller has not given up. */
  openPictures = 0;
  /** Requests for pictures, and answers with one. */
  readonly counts = { asked: 0, sent: 0, viewers: 0 };
  /** Called with each request. */
  onRequest: (request: IncomingMessage) => void = () => {};

  static async start(name = 'desk'): Promise<StillDesktop> {
    const desktop = new StillDesktop(join(temporaryFolder('deskwire-still-'), name));
    desktop.#server.listen(desktop.socketPath);
    await once(desktop.#server, 'listening');
    return desktop;
  }

  private constructor(socketPath: string) {
    this.socketPath = socketPath;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** Shows a picture, whose tag is another one for each picture. */
  show(picture: Uint8Array, tag: string): void {
    this.#picture = picture;
    this.#tag = `"${tag}"`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const isPicture = request.url?.startsWith('/api/get_screenshot') === true;
    if (isPicture) {
      this.counts.asked++;
      this.openPictures++;
      response.once('close', () => this.openPictures--);
    } else this.counts.viewers++;
    this.onRequest(request);
    if (this.isHung) return;
    if (!isPicture) {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ viewers: this.viewers }));
    } else if (request.headers['if-none-match'] === this.#tag) {
      response.writeHead(304, { ETag: this.#tag }).end();
    } else {
      this.counts.sent++;
      response.writeHead(200, { 'Content-Type': 'image/jpeg', ETag: this.#tag }).end(this.#picture);
    }
  }
}
