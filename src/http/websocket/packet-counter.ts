import type { Duplex } from 'node:stream';
import type { PacketCounts } from '../../session/link/packet-loss.ts';
import { readTcpOption } from './tcp-options.ts';

/** From linux/tcp.h. The kernel only ever appends to `struct tcp_info`. */
const TCP_INFO = 11;
/** Where that has 32-bit numbers: `tcpi_total_retrans`, `tcpi_data_segs_out`, `tcpi_dsack_dups`. */
const RETRANSMITTED = 100 / 4;
const SENT = 156 / 4;
/** Packets that were retransmitted although they had arrived (RFC 2883). From Linux 5.0 on. */
const HAD_ARRIVED = 216 / 4;

/** Reads how many packets the kernel has sent over one connection, and how many of them were lost. */
export class PacketCounter {
  readonly #socket: Duplex;
  readonly #info = new Uint32Array(HAD_ARRIVED + 1);
  readonly #infoBytes = new Uint8Array(this.#info.buffer);
  #isRefused = false;

  /** `socket` may be a TLS socket. */
  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** Returns undefined without the optional package koffi, where the kernel does not tell, and when all is over. */
  read(): PacketCounts | undefined {
    if (this.#isRefused || !this.#readInfo()) {
      // An absent package would be looked for again each time.
      this.#isRefused = true;
      return undefined;
    }
    const info = this.#info;
    return { sent: info[SENT]!, lost: Math.max(0, info[RETRANSMITTED]! - info[HAD_ARRIVED]!) };
  }

  #readInfo(): boolean {
    try {
      return readTcpOption(this.#socket, TCP_INFO, this.#infoBytes) === this.#infoBytes.length;
    } catch {
      return false;
    }
  }
}
