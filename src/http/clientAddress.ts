import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** Whose address a request comes from. */
export type ClientAddress = (request: IncomingMessage | undefined) => string;

/**
 * The address that connects or, where that is a proxy of ours, the one that the proxy says it speaks for: the last of
 * X-Forwarded-For that is none of ours. What stands before it anybody can have written.
 * @param proxies addresses and ranges: `10.0.0.0/8`, `fd00::/8`
 */
export function createClientAddress(proxies: readonly string[]): ClientAddress {
  const trusted = new BlockList();
  for (const each of proxies) {
    const [address = "", bits] = each.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

  return (request) => {
    let address = plain(request?.socket.remoteAddress ?? "");
    if (proxies.length === 0) return address;
    const before = (request?.headers["x-forwarded-for"] ?? "").toString().split(",");
    while (isIP(address) !== 0 && isTrusted(address)) {
      const next = plain(before.pop()?.trim() ?? "");
      if (isIP(next) === 0) break;
      address = next;
    }
    return address;
  };
}

/** @returns what is wrong with it; undefined where it is an address or a range of them */
export function whyNoRange(range: string): string | undefined {
  const [address = "", bits, ...more] = range.split("/");
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const isRange = most >= 0 && more.length === 0;
  if (isRange && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))) return undefined;
  return `"${range.slice(0, 60)}" is no address nor range of addresses, such as 10.0.0.7 or 10.0.0.0/8`;
}

/** IPv4 as it is written, also where a socket of both families tells it: ::ffff:10.0.0.7 */
function plain(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
