import type { Duplex } from 'node:stream';
import type { KernelCounts } from '../../session/viewer/transport.ts';
import { readTcpOption } from './tcp-options.ts';

/** From linux/tcp.h. The kernel only ever appends to `struct tcp_info`. */
const TCP_INFO = 11;
/**
 * Where that has 32-bit numbers: `tcpi_last_data_recv` in milliseconds, `tcpi_total_retrans`, `tcpi_min_rtt` in microseconds, `tcpi_data_segs_out`,
 * `tcpi_dsack_dups`; and the lower half of `tcpi_busy_time` in microseconds, whose upper half follows.
 */
const RECEIVED_AGO = 52 / 4;
const RETRANSMITTED = 100 / 4;
const ROUND_TRIP = 148 / 4;
const SENT = 156 / 4;
const BUSY = 168 / 4;
/** Packets that were retransmitted although they had arrived (RFC 2883). From Linux 5.0 on. */
const HAD_ARRIVED = 216 / 4;

/** `tcpi_min_rtt` before the first acknowledgement. */
const NO_ROUND_TRIP = 0xffffffff;

/** Reads what the kernel counts of one connection: packets, those that were lost, and times. */
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
  read(): KernelCounts | undefined {
    if (this.#isRefused || !this.#readInfo()) {
      // An absent package would be looked for again each time.
      this.#isRefused = true;
      return undefined;
    }
    const info = this.#info;
    const roundTripUs = info[ROUND_TRIP]!;
    return {
      sent: info[SENT]!,
      lost: Math.max(0, info[RETRANSMITTED]! - info[HAD_ARRIVED]!),
      busyMs: (info[BUSY + 1]! * 2 ** 32 + info[BUSY]!) / 1000,
      roundTripMs: roundTripUs === NO_ROUND_TRIP ? 0 : roundTripUs / 1000,
      receivedAgoMs: info[RECEIVED_AGO]!,
    };
  }

  #readInfo(): boolean {
    try {
      return readTcpOption(this.#socket, TCP_INFO, this.#infoBytes) === this.#infoBytes.length;
    } catch {
      return false;
    }
  }
}
