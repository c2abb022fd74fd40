import { addressesReader } from "./hostile.ts";

const ADDRESS =
  /\b(?:[a-z][a-z0-9+.-]{1,12}:\/\/|www\.)[^\s<>"'`|)\]]{1,2000}|!?\[[^\]\n]{0,200}\]\([^)\n]{1,2000}\)/gi;

/**
 * A text without links to elsewhere: of an address outside the allow-list only the host is left, broken so that no platform
 * makes a link of it (`evil[.]example`), because what stands behind the host may carry data out.
 */
export function withoutForeignLinks(text: string, allowedHosts: readonly string[]): string {
  return text.replace(ADDRESS, (address) => {
    const inner = /\]\(([^)]*)\)/.exec(address)?.[1] ?? address;
    const host = hostOf(inner);
    if (host !== undefined && inner === address && allowedHosts.includes(host)) return address;
    return host === undefined ? "(link removed)" : host.replaceAll(".", "[.]");
  });
}

function hostOf(address: string): string | undefined {
  const found = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/@\s]*@)?([a-z0-9.-]+)/i.exec(address.trim());
  return found?.[1]?.toLowerCase();
}

/** A line of a log as it may be shown: one that speaks to its reader sends nobody anywhere. Others keep their addresses. */
export function shownLine(line: string): string {
  return addressesReader(line) ? withBrokenHosts(line) : line;
}

/** `evil[.]example`: no platform makes a link of it, and nobody copies it by mistake. */
export function withBrokenHosts(text: string): string {
  return text.replace(HOST, (host) => host.replaceAll(".", "[.]"));
}

const HOST = /(?<=:\/\/)[^\s/"'<>|)\]]{1,300}|\b(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}\b/gi;
