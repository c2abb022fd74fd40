import type { LogLine } from "../../../src/logs/source.ts";
import { logSourceContract } from "../../contract/logSource.ts";
import { START_MS } from "../../contract/logSourceModel.ts";
import { type StandInLine, startStandInLoki } from "../../support/loki/standIn.ts";
import { openTestLoki } from "./open.ts";

/** As an agent would push it: labels from what the line says, and the level one where there is one. */
export function standInLine({ atNs, text, service, namespace, level }: LogLine): StandInLine {
  return {
    atNs,
    text,
    labels: {
      service_name: service,
      ...(namespace !== "" && { namespace }),
      ...(level !== undefined && { level: level.toLowerCase() }),
    },
  };
}

logSourceContract("loki", async (lines) => {
  const server = await startStandInLoki({ tenants: { acme: lines.map(standInLine) } });
  const source = await openTestLoki(server.url, { now: () => START_MS + 2 * 3_600_000 });
  return {
    source,
    org: "acme",
    async close() {
      await source.close();
      await server.close();
    },
  };
});

logSourceContract("loki without a label for the level, and before version 3", async (lines) => {
  const tenants = {
    acme: lines.map((line) => {
      const { level: _, ...labels } = standInLine(line).labels;
      return { ...standInLine(line), labels };
    }),
  };
  const server = await startStandInLoki({ tenants, version: "2.9.8" });
  const source = await openTestLoki(server.url, { now: () => START_MS + 2 * 3_600_000 });
  return {
    source,
    org: "acme",
    async close() {
      await source.close();
      await server.close();
    },
  };
});
