/**
 * The address as node-postgres takes it. To its version 8 `prefer`, `require` and `verify-ca` are other names of `verify-full`, of which
 * it warns at every start, and to version 9 they will not be: what is meant is written out. PostgreSQL's own programs get it as it was.
 */
export function checkedAddress(url: string): string {
  if (/[?&]uselibpqcompat=true/.test(url)) return url;
  return url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, "$1verify-full");
}

/** The same with start-up options. They join the operator's own there: pg lets the address win over everything else. */
export function addressWith(url: string, options: string): string {
  const query = url.indexOf("?");
  const given = query < 0 ? null : new URLSearchParams(url.slice(query)).get("options");
  const all = given === null ? options : `${given} ${options}`;
  return `${checkedAddress(url)}${query < 0 ? "?" : "&"}options=${encodeURIComponent(all)}`;
}
