import { type AnalyzeParts, analyzeCommand } from "./analyze.ts";
import { anomaliesCommand } from "./anomalies.ts";
import type { Command } from "./command.ts";
import { type ConnectParts, connectCommand } from "./connect.ts";
import { deployCommand } from "./deploy.ts";
import { errorsCommand } from "./errors.ts";
import { deleteFilterCommand } from "./filters/delete.ts";
import { listFiltersCommand } from "./filters/list.ts";
import { runFilterCommand } from "./filters/run.ts";
import { saveFilterCommand } from "./filters/save.ts";
import type { Follower } from "./follow.ts";
import { helpCommand } from "./help.ts";
import { searchCommand } from "./search.ts";
import { type StatusParts, statusCommand } from "./status.ts";

export type CommandParts = AnalyzeParts & ConnectParts & StatusParts & { follower: Follower };

/** Every command there is, in the order help shows them. */
export function createCatalogue(parts: CommandParts): readonly Command[] {
  const catalogue: Command[] = [
    analyzeCommand(parts),
    errorsCommand(parts),
    searchCommand(parts),
    saveFilterCommand(parts),
    listFiltersCommand(),
    runFilterCommand(parts),
    deleteFilterCommand(),
    anomaliesCommand(parts),
    deployCommand(parts),
    statusCommand(parts),
    connectCommand(parts),
    helpCommand(() => catalogue),
  ];
  return catalogue;
}
