import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { type CLibrary, loadCLibrary } from '../../src/common/c-library.ts';

const TUN = '/dev/net/tun';
/** From linux/if_tun.h. */
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
/** A `struct ifreq`: 16 bytes of name, then the flags. */
const IFREQ_BYTES = 40;
const NAME_BYTES = 16;
/** The kernel puts a free number in the place of %d. */
const NAME_PATTERN = 'dwlink%d';

/** Bytes of a packet at most. */
const MTU = 1500;

/** Addresses of the two ends of a link, in the range for benchmarks (RFC 2544). */
export interface LinkAddresses {
  /** Address that the server listens on. */
  readonly server: string;
  /** Address that a client connects to, in order to reach the server over the link. */
  readonly serverOverLink: string;
}

/**
 * A network device whose other side is this process: packets that the kernel sends on it can be read, and those that
 * are written to it arrive as if they came from a network. Both ends of a connection are on this machine. The kernel
 * would send the packets between its own addresses past the device, so each end sees the other under an address that
 * is not the kernel's: server and client are 198.18.N.1 and .2, and see each other as .130 and .129. `turnRound`
 * turns the addresses of a packet into those that the other end sees.
 *
 * The kernel removes the device with its addresses and routes when the process ends.
 */
export class TunDevice {
  readonly addresses: LinkAddresses;
  readonly #fd: number;
  readonly #read: ReturnType<CLibrary['func']>;
  readonly #write: ReturnType<CLibrary['func']>;
  readonly #packet = Buffer.alloc(MTU);

  /**
   * Opens a device on which TCP uses this congestion control; undefined: that of the system. Throws if the process may
   * not: this needs root, or a network namespace of one's own, and the command `ip`.
   */
  constructor(congestionControl?: string) {
    const c = loadCLibrary();
    this.#read = c.func('long read(int fd, void* packet, size_t bytes)');
    this.#write = c.func('long write(int fd, const void* packet, size_t bytes)');
    this.#fd = openSync(TUN, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      const name = attach(c, this.#fd);
      this.addresses = configure(name, congestionControl);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** Reads the next packet that the kernel sent. Undefined if there is none. */
  read(): Buffer | undefined {
    const bytes = this.#read(this.#fd, this.#packet, MTU);
    return bytes > 0 ? Buffer.from(this.#packet.subarray(0, bytes)) : undefined;
  }

  /** Passes a packet to the kernel. */
  write(packet: Uint8Array): void {
    this.#write(this.#fd, packet, packet.length);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function attach(c: CLibrary, fd: number): string {
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(NAME_PATTERN, 'latin1');
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, NAME_BYTES);
  const ioctl = c.func('int ioctl(int fd, unsigned long request, void* argument)');
  if (ioctl(fd, TUNSETIFF, request) < 0) throw new Error('This process may not make network devices.');
  return request.toString('latin1', 0, request.indexOf(0));
}

function configure(name: string, congestionControl: string | undefined): LinkAddresses {
  const ip = (line: string): void => {
    execFileSync('ip', line.split(' '), { stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const network = `198.18.${/\d+$/.exec(name)![0]}`;
  const [server, client, clientOverLink, serverOverLink] = [1, 2, FAR + 2, FAR + 1].map(
    (n) => `${network}.${n}`,
  );
  ip(`addr add ${server}/32 dev ${name}`);
  ip(`addr add ${client}/32 dev ${name}`);
  ip(`link set ${name} up mtu ${MTU}`);
  const how = congestionControl ? ` congctl ${congestionControl}` : '';
  ip(`route add ${serverOverLink} dev ${name} src ${client}${how}`);
  ip(`route add ${clientOverLink} dev ${name} src ${server}${how}`);
  return { server: server!, serverOverLink: serverOverLink! };
}

/** Difference between an end's own address and the one under which the other end sees it. */
const FAR = 128;
const IPV4 = 4;
/** Last bytes of the source and of the destination in an IPv4 header (RFC 791, 3.1). */
const SOURCE_AT = 15;
const DESTINATION_AT = 19;

/**
 * Direction of a packet: `down` from the server. Undefined if it is not one of a connection over the link: the kernel
 * also sends packets of its own.
 */
export function directionOf(packet: Uint8Array): 'down' | 'up' | undefined {
  if (packet[0]! >> 4 !== IPV4) return undefined;
  if (packet[DESTINATION_AT] === FAR + 2) return 'down';
  return packet[DESTINATION_AT] === FAR + 1 ? 'up' : undefined;
}

/**
 * Gives a packet the addresses that the other end knows. What is added to one address is taken from the other one, so
 * that the checksums of IP and TCP stay right.
 */
export function turnRound(packet: Uint8Array): void {
  packet[SOURCE_AT]! += FAR;
  packet[DESTINATION_AT]! -= FAR;
}
