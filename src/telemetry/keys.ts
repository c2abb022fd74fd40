import type { KeyVerifier, Verdict } from "../keys/verifier.ts";
import type { Metrics } from "./metrics.ts";

/** The same verifier, which tells what keys it was shown. */
export function watchedVerifier(verifier: KeyVerifier, metrics: Metrics): KeyVerifier {
  const told = (verdict: Verdict): Verdict => {
    const outcome = verdict.outcome === "refused" ? verdict.why : verdict.outcome;
    metrics.count("loghunter_key_checks_total", { outcome });
    return verdict;
  };
  return {
    forget: (keyId) => verifier.forget(keyId),
    verify(raw, from) {
      const verdict = verifier.verify(raw, from);
      return verdict instanceof Promise ? verdict.then(told) : told(verdict);
    },
  };
}
