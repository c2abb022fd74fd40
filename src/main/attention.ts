import type { Environment } from "../config.ts";
import { nearMisses } from "../settings/nearMisses.ts";
import type { Chosen } from "../startReport.ts";

const KNOWN_MODES = ["production", "development", "test"];

/**
 * What was probably meant otherwise: told at the start, because it works all the same. Names alone, and never a value that may be secret.
 * @param env the raw environment
 */
export function attentionTo(
  env: Record<string, string | undefined>,
  settings: Environment,
  stateDirectory: string,
): Chosen[] {
  const told = nearMisses(env).map(({ name, meant }) => `${name} is no setting: did you mean ${meant}?`);
  const { nodeEnv, databaseUrl, lokiUrl, logs } = settings;
  if (nodeEnv !== undefined && !KNOWN_MODES.includes(nodeEnv)) {
    const shown = /^[a-z]{1,12}$/i.test(nodeEnv) ? `NODE_ENV=${nodeEnv}` : "NODE_ENV";
    told.push(`${shown} is taken for development: did you mean production?`);
  }
  if (nodeEnv === "production") {
    if (databaseUrl === undefined)
      told.push(
        `all data is in the embedded database below ${stateDirectory}: set DATABASE_URL for a PostgreSQL of your own`,
      );
    if (lokiUrl === undefined && logs === undefined)
      told.push("recorded incidents are shown, not your logs: set LOKI_URL, or LOGS for log files");
  }
  return told.map((text): Chosen => ["Attention", text]);
}
