import { isIP } from 'node:net';

/** Groups of 16 bits in the part of an IPv6 address that names a network. */
const NETWORK_GROUPS = 4;
const ALL_GROUPS = 8;

/**
 * Returns the block of addresses that one caller has: an IPv4 address itself, or the /64 of an IPv6 address. A
 * household or a rented machine has a whole /64, so limits for single IPv6 addresses would limit nothing. Two texts of
 * one address have the same block. A text that is no address is a block of its own.
 */
export function addressBlock(address: string): string {
  if (isIP(address) !== 6) return address;
  // A zone such as %eth0 names an interface of this machine.
  const [text = ''] = address.split('%', 1);
  const [head = '', tail] = text.split('::', 2);
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: Math.max(0, ALL_GROUPS - before.length - after.length) }, () => '0');
  const groups = [...before, ...zeros, ...after].slice(0, NETWORK_GROUPS);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** Splits a part of an IPv6 address into groups. An IPv4 address at its end stands for two groups. */
function groupsOf(part: string): string[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
}
