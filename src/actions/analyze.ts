import { findCluster } from "../clusters/store.ts";
import { type AnalyzeParts, startAnalysis } from "../commands/analyze.ts";
import { DEFAULT_SINCE_MS } from "../commands/options.ts";
import { UserError } from "../errors.ts";
import { type ActionHandler, conversationOf, isRowId } from "./action.ts";

/** "Look again" under a root cause: the same question about a window of the same length that ends now. */
export function againAction({ analyst, now }: AnalyzeParts): ActionHandler {
  return {
    name: "again",
    role: "responder",
    async run(press) {
      const { service, namespace, window } = await conversationOf(press);
      const toMs = now();
      return startAnalysis(
        analyst,
        press,
        { service, namespace },
        { fromMs: toMs - (window.toMs - window.fromMs), toMs },
      );
    },
  };
}

/** "Root cause" under a list of errors. */
export function rootCauseAction({ analyst, now }: AnalyzeParts): ActionHandler {
  return {
    name: "rootcause",
    role: "responder",
    async run(press) {
      const cluster = isRowId(press.subject)
        ? await findCluster(press.workspace().scope, press.subject)
        : undefined;
      if (cluster === undefined)
        throw new UserError("Those errors are no longer kept. Ask with analyze and the service's name.");
      const { service, namespace } = cluster;
      const toMs = now();
      return startAnalysis(analyst, press, { service, namespace }, { fromMs: toMs - DEFAULT_SINCE_MS, toMs });
    },
  };
}
