import { BARE_HOST, isAddress } from "./bareHosts.ts";
import { addressesReader } from "./hostile.ts";

const WEB = "(?:https?|ftp|wss?)";
const REST = "[^\\s<>\"'`|)\\]]{0,2000}";
/**
 * What a platform or a browser makes a link of: of the web also without slashes, with too many, with the wrong ones, and in the middle
 * of a word; of others where two slashes follow; what runs or mails; what begins with two slashes; and Markdown's own.
 */
const ADDRESS = new RegExp(
  [
    "!?\\[[^\\]\\n]{0,200}\\]\\((?:[^()\\n]|\\([^()\\n]{0,200}\\)){1,500}\\)",
    `${WEB}:(?:[\\\\/]|(?=[\\p{L}\\p{N}_-]{1,63}[.。．]\\p{L}))${REST}`,
    `(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}:[\\\\/]{2}${REST}`,
    "(?:(?:javascript|vbscript|mailto):(?=[^\\s:,;.])|data:(?=[\\w.+-]{1,40}/[\\w.+-]{1,40}[;,])|file:(?=[\\\\/])|(?:tel|sms):(?=\\+?\\d{5}))[^\\s<>\"'`|]{0,2000}",
    `(?<![\\p{L}\\p{N}:\\\\/.])[\\\\/]{2}(?=[\\p{L}\\p{N}_-]{1,63}(?:\\.[\\p{L}\\p{N}_-]{1,63}){0,8}\\.\\p{L}{2})${REST}`,
    `\\bwww\\.${REST}`,
  ].join("|"),
  "giu",
);

/**
 * A text without links to elsewhere: of an address outside the allow-list only the host is left, broken so that no platform
 * makes a link of it (`evil[.]example`), because what stands behind the host may carry data out.
 */
export function withoutForeignLinks(text: string, allowedHosts: readonly string[]): string {
  return text
    .replace(ADDRESS, (found) => {
      const inner = /^!?\[[^\]]*\]\(\s*([\s\S]*)\)$/.exec(found)?.[1] ?? found;
      const url = urlOf(inner);
      if (url !== undefined && inner === found && isAllowed(found, url, allowedHosts)) return found;
      const host = url?.hostname.replace(/\.$/, "") ?? "";
      return host === "" ? "(link removed)" : broken(host);
    })
    .replace(BARE_HOST, (found, host: string) =>
      isAddress(found, host) && !allowedHosts.includes(host.toLowerCase())
        ? broken(host.toLowerCase())
        : found,
    );
}

/** As a browser reads it, which is not always as it looks: slashes may lean, be missing or too many. */
function urlOf(address: string): URL | undefined {
  const said = address.trim();
  const whole = /^[a-z][a-z0-9+.-]*:/i.test(said) ? said : `https:${said.replace(/^[\\/]*/, "//")}`;
  return URL.canParse(whole) ? new URL(whole) : undefined;
}

/** Only what a reader and a browser take for the same host: no name before it, no leaning slash, the host as it is written. */
function isAllowed(written: string, url: URL, allowedHosts: readonly string[]): boolean {
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return false;
  const host = /^https?:\/\/([^/?#]*)/i
    .exec(written)?.[1]
    ?.toLowerCase()
    .replace(/:\d{1,5}$/, "");
  return !/[\\@]/.test(written) && host === url.hostname && allowedHosts.includes(host);
}

function broken(host: string): string {
  return host.replaceAll(".", "[.]");
}

/** A line of a log as it may be shown: one that speaks to its reader sends nobody anywhere. Others keep their addresses. */
export function shownLine(line: string): string {
  return addressesReader(line) ? withBrokenHosts(line) : line;
}

/** `evil[.]example`: no platform makes a link of it, and nobody copies it by mistake. */
export function withBrokenHosts(text: string): string {
  return text.replace(HOST, broken);
}

const HOST = /(?<=:\/\/)[^\s/"'<>|)\]]{1,300}|\b(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}\b/gi;
