import type { Log } from "../../log.ts";
import type { AskingParts } from "./askOnce.ts";
import { openDispatcher } from "./exchange.ts";
import type { Explain } from "./failure.ts";
import type { ModelProvider } from "./provider.ts";

/** What every adapter is given. */
export interface ProviderOptions {
  /** The one that is taken by itself first; never empty. */
  models: readonly string[];
  /** Address of an HTTP proxy. */
  proxy?: string;
  log: Log;
  now?: () => number;
}

/** Opens no connection before the first request. */
export function partsOf(
  provider: ModelProvider,
  explain: (provider: ModelProvider) => Explain,
  { proxy, log, now = Date.now }: ProviderOptions,
): AskingParts {
  return { provider, explain: explain(provider), dispatcher: openDispatcher(proxy), log, now };
}
