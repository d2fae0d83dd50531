import { BlockList, isIP } from "node:net";

/** Special-purpose ranges of IANA's registries: this host, private networks, links, documentation, multicast, tunnels. */
const refusedV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
/** 64:ff9b::, 2001:: and 2002:: hold an IPv4 address inside that nobody checked. */
const refusedV6 = [
  "::/127",
  "64:ff9b::/32",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
];

let refused: BlockList | null = null;

function refusedList(): BlockList {
  if (refused !== null) return refused;
  refused = new BlockList();
  for (const [ranges, family] of [
    [refusedV4, "ipv4"],
    [refusedV6, "ipv6"],
  ] as const) {
    for (const range of ranges) {
      const [network = "", bits] = range.split("/");
      refused.addSubnet(network, Number(bits), family);
    }
  }
  return refused;
}

/** False for an address inside our own networks, which a link in somebody's dataset has no business with. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  // The list compares an IPv4 address in IPv6 form (::ffff:10.0.0.1) with the IPv4 ranges by itself.
  return !refusedList().check(address, family === 4 ? "ipv4" : "ipv6");
}
