import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { OverHttp } from "./actAnswers.ts";
import { refusal } from "./refusal.ts";

export interface SessionRules {
  token: string;
  /** As bound. */
  host: string;
  port: number;
  publicUrl: string | undefined;
}

/**
 * Lets in only a browser that was opened with the printed address, on a page of this very server.
 * The token in the address becomes a cookie at once, so it stays out of history, referrers and screenshots.
 */
export function session(rules: SessionRules): MiddlewareHandler<OverHttp> {
  const secure = rules.publicUrl?.startsWith("https:") ?? false;

  return async (c, next) => {
    // Read here: with port 0 it is known only once the server listens.
    const cookie = cookieName(rules.port);
    const host = c.req.header("host") ?? "";
    if (hasTwoHosts(c) || !isOwnHost(host, rules)) return refusal(403, WRONG_HOST);
    if (!isOwnPage(c.req.header("origin"), c.req.header("sec-fetch-site"), host, rules)) {
      return refusal(403, OTHER_SITE);
    }

    const offered = c.req.query("token");
    if (offered !== undefined && c.req.method === "GET" && c.req.path === "/") {
      if (!sameSecret(offered, rules.token)) return refusal(401, NO_SESSION);
      setCookie(c, cookie, rules.token, { httpOnly: true, sameSite: "Strict", path: "/", secure });
      return c.redirect("/", 303);
    }
    if (!sameSecret(getCookie(c, cookie) ?? "", rules.token)) return refusal(401, NO_SESSION);
    return next();
  };
}

/** Node takes the first of them, what stands before it perhaps the last. */
function hasTwoHosts({ env }: Context<OverHttp>): boolean {
  const names = env.incoming.rawHeaders.filter((_, at) => at % 2 === 0);
  return names.filter((name) => name.toLowerCase() === "host").length > 1;
}

/** Cookies know no ports: with the port in its name, two consoles on one machine keep apart. */
export function cookieName(port: number): string {
  return `loghunter_${port}`;
}

const NO_SESSION = "Open the address that LogHunter printed when it started: it holds the key to this page.";
const WRONG_HOST =
  "LogHunter does not answer under this host name. Use the address it printed when it started, or set PUBLIC_URL to this one.";
const OTHER_SITE =
  "This request came from another site. Open the address that LogHunter printed when it started in a new tab.";

/** Hashing first makes the lengths equal, so the comparison takes the same time for every guess. */
function sameSecret(offered: string, secret: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(offered), digest(secret));
}

/**
 * A page of another site can point its own name at this machine (DNS rebinding) and would then share
 * our origin: only names that cannot be rebound pass. The port is free, since containers map it.
 */
function isOwnHost(header: string, rules: SessionRules): boolean {
  const name = hostName(header);
  if (name === undefined) return false;
  if (LOOPBACK.has(name) || name === rules.host.toLowerCase()) return true;
  if (rules.publicUrl !== undefined && name === new URL(rules.publicUrl).hostname) return true;
  // Bound to all interfaces: any literal address of this machine will do, and literals have no DNS.
  return !LOOPBACK.has(rules.host) && isIP(name.replace(/^\[|\]$/g, "")) !== 0;
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);

function hostName(header: string): string | undefined {
  try {
    return new URL(`http://${header}`).hostname;
  } catch {
    return undefined;
  }
}

function isOwnPage(
  origin: string | undefined,
  fetchSite: string | undefined,
  host: string,
  rules: SessionRules,
): boolean {
  if (fetchSite !== undefined && fetchSite !== "same-origin" && fetchSite !== "none") return false;
  if (origin === undefined) return true;
  const own = [`http://${host}`, `https://${host}`];
  if (rules.publicUrl !== undefined) own.push(new URL(rules.publicUrl).origin);
  return own.includes(origin);
}
