import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** What is given out to the world so far: https://www.iana.org/assignments/ipv6-unicast-address-assignments. */
const givenOut: [ipaddr.IPv6, number] = ipaddr.IPv6.parseCIDR("2000::/3") as [ipaddr.IPv6, number];

/**
 * False for an address that a link in somebody's dataset has no business with: inside our own networks, or special in
 * IANA's registries. That includes the tunnels (6to4, Teredo, NAT64), which hold an IPv4 address that nobody checked; one
 * in IPv6 form (`::ffff:10.0.0.1`) is judged as what it is. Only the one spelling that a resolver and a parsed address
 * have is taken: what reads `0177.1` as a host is refused without asking what it would be.
 */
export function isPublicAddress(address: string): boolean {
  // A zone (`%eth0`) names one of this machine's own links.
  if (isIP(address) === 0 || address.includes("%")) return false;
  // `process` makes IPv4 of an IPv4 address in IPv6 form.
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(givenOut);
}
