import { duration } from "../analysis/words.ts";
import { asLogin } from "../database.ts";
import { explainDatabase } from "../databaseAdvice.ts";
import { readArchiving } from "../databaseArchive.ts";
import type { Check } from "./check.ts";
import { well } from "./found.ts";

/** Whether a server that archives its log succeeds: nothing else tells before its disk is full. Of one that does not, nothing is said. */
export function archiveCheck(url: string): Check {
  return {
    name: "log archive",
    standsOn: "database",
    fix: "Check the database.",
    async run() {
      const archiving = await asLogin(url, readArchiving).catch(async (error: unknown) => {
        throw await explainDatabase(error, url);
      });
      if (archiving === undefined) return [];
      const { failsForMs } = archiving;
      if (failsForMs === undefined) return [well("PostgreSQL archives its log.")];
      return [
        {
          state: "failure",
          finding: `PostgreSQL has failed to archive its log for ${duration(failsForMs)}. What is written since is in no recovery to a point in time, and fills the server's disk.`,
          fix: "PostgreSQL's own log says what archive_command answers: most often the archive's disk is full, or may not be written to.",
        },
      ];
    },
  };
}
