import type { StandInLine } from "../../support/loki/standIn.ts";
import { HOSTILE_VALUES } from "./hostileValues.ts";

/** On the hour: a window of it is one slice, and one query. */
export const FROM_MS = Date.UTC(2026, 10, 24, 11);
export const TO_MS = FROM_MS + 3_600_000;

/** No hostile value is a part of these, so that no search by one may find them. */
export const OWN_SECRETS = ["zqxvaultqxz", "zqxledgerqxz"] as const;
export const FOREIGN_SECRET = "zqxglobexqxz";
export const ANY_SECRET = /zqx\w+qxz/;

let lines = 0;
function lineOf(service: string, namespace: string, text: string, level = "error"): StandInLine {
  return {
    atNs: BigInt(FROM_MS) * 1_000_000n + BigInt(++lines) * 1_000_000n,
    text,
    labels: { service_name: service, namespace, level },
  };
}

/** Half a surrogate pair cannot come over the wire: what Loki keeps instead. */
export function kept(value: string): string {
  return value.toWellFormed();
}

/** Services called like each hostile value, so that a value written right finds its own lines and no others. */
export const ACME: readonly StandInLine[] = [
  lineOf("checkout", "shop", "zz order 4711 placed", "info"),
  lineOf("vault", "secure", OWN_SECRETS[0]),
  lineOf("ledger", "secure", OWN_SECRETS[1]),
  ...[...new Set(HOSTILE_VALUES.map(kept))].map((value, i) =>
    lineOf(value, value, `zz error ${i} of: ${value}`),
  ),
];

/** The other tenant has the same services, and every line of it is a secret. */
export const GLOBEX: readonly StandInLine[] = ACME.map((line) => ({ ...line, text: FOREIGN_SECRET }));
