import { WebSocket } from 'ws';
import { loginHeaders, type TestLogin } from './login-headers.ts';
import type { Transport } from './transport.ts';

export interface WebSocketTarget {
  /** The server's address as in a browser, such as `https://127.0.0.1:8443/`. */
  readonly url: string;
  /** PEM certificate that the server must prove. */
  readonly ca: string;
  readonly user?: TestLogin;
  readonly headers?: Readonly<Record<string, string>>;
  /** Name in the certificate, if the address is not in it. */
  readonly servername?: string;
}

/** The server answered the upgrade without opening a WebSocket. */
class UpgradeRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`The server answered the WebSocket upgrade with ${status}.`);
    this.status = status;
  }
}

/** Opens `websockify` of a Deskwire server. Rejects with UpgradeRefused if the server refuses. */
export function connectWebSocket(target: WebSocketTarget): Promise<Transport> {
  const url = new URL('websockify', target.url);
  url.protocol = 'wss:';
  const headers = { ...target.headers, ...(target.user && loginHeaders(target.user)) };
  const { ca, servername } = target;
  const socket = new WebSocket(url, 'binary', {
    ca,
    headers,
    perMessageDeflate: false,
    ...(servername && { servername }),
  });
  socket.binaryType = 'nodebuffer';
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      reject(new UpgradeRefused(response.statusCode ?? 0));
    });
    socket.once('open', () => {
      socket.off('error', reject);
      socket.pause();
      resolve(overWebSocket(socket));
    });
  });
}

function overWebSocket(socket: WebSocket): Transport {
  let reason: string | undefined;
  let onClose: (reason: string) => void = () => {};
  socket.on('error', (error) => {
    reason = error.message;
  });
  socket.on('close', (code, text) => {
    reason ??= `${code} ${text}`.trim();
    onClose(reason);
  });
  return {
    send: (bytes) => socket.send(bytes),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    onData: (listener) => {
      socket.removeAllListeners('message');
      socket.on('message', (data) => listener(data as Buffer));
      socket.resume();
    },
    onClose: (listener) => {
      onClose = listener;
      if (socket.readyState === WebSocket.CLOSED) queueMicrotask(() => onClose(reason ?? 'closed'));
    },
    close: () => {
      // A paused socket would never see the server's half of the closing handshake.
      socket.resume();
      socket.close(1000);
    },
    destroy: () => socket.terminate(),
  };
}
