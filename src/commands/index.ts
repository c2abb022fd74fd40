import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import type { Doctor } from "../doctor/doctor.ts";
import { type AnalyzeParts, analyzeCommand } from "./analyze.ts";
import { anomaliesCommand } from "./anomalies.ts";
import { auditCommand } from "./audit.ts";
import { backtestCommand } from "./backtest.ts";
import { baselineCommand } from "./baseline.ts";
import { channelPolicyCommand } from "./channel/policy.ts";
import { channelPurposeCommand } from "./channel/purpose.ts";
import { type ChannelTestParts, channelTestCommand } from "./channel/test.ts";
import type { Command } from "./command.ts";
import { type ConnectParts, connectCommand } from "./connect.ts";
import { deployCommand } from "./deploy.ts";
import { doctorCommand } from "./doctor.ts";
import { errorsCommand } from "./errors.ts";
import { explainCommand } from "./explain.ts";
import { giveFeedbackCommand } from "./feedback/give.ts";
import { feedbackReportCommand } from "./feedback/report.ts";
import { deleteFilterCommand } from "./filters/delete.ts";
import { listFiltersCommand } from "./filters/list.ts";
import { runFilterCommand } from "./filters/run.ts";
import { saveFilterCommand } from "./filters/save.ts";
import type { Follower } from "./follow.ts";
import { helpCommand } from "./help.ts";
import { createKeyCommand, type KeyCommandParts } from "./keys/create.ts";
import { listKeysCommand } from "./keys/list.ts";
import { revokeKeyCommand } from "./keys/revoke.ts";
import { rotateKeyCommand } from "./keys/rotate.ts";
import { listMembersCommand } from "./members/list.ts";
import { memberRoleCommand } from "./members/role.ts";
import { modelBudgetCommand } from "./model/budget.ts";
import { type ModelParts, showModelCommand } from "./model/show.ts";
import { useModelCommand } from "./model/use.ts";
import { muteCommand, unmuteCommand } from "./mute.ts";
import { listPatternsCommand } from "./redaction/list.ts";
import { removePatternCommand } from "./redaction/remove.ts";
import { hidePatternCommand, showPatternCommand } from "./redaction/set.ts";
import { searchCommand } from "./search.ts";
import { type StatusParts, statusCommand } from "./status.ts";
import { type InviteParts, inviteCommand } from "./tenant/invite.ts";
import { retentionCommand } from "./tenant/retention.ts";
import { tenantCommand } from "./tenant/show.ts";
import { maintenanceCommand } from "./watch/maintenance.ts";
import { watchLiveCommand, watchShadowCommand } from "./watch/mode.ts";
import { watchSettingsCommand } from "./watch/settings.ts";
import { watchStatusCommand } from "./watch/status.ts";

export type CommandParts = AnalyzeParts &
  ConnectParts &
  StatusParts &
  ChannelTestParts &
  InviteParts &
  KeyCommandParts &
  ModelParts & { follower: Follower; fingerprints: FingerprintPool; doctor: Doctor };

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
    explainCommand(parts),
    baselineCommand(parts),
    backtestCommand(parts),
    muteCommand(parts),
    unmuteCommand(parts),
    deployCommand(parts),
    giveFeedbackCommand(),
    feedbackReportCommand(),
    watchStatusCommand(parts),
    watchLiveCommand(parts),
    watchShadowCommand(parts),
    watchSettingsCommand(parts),
    maintenanceCommand(parts),
    channelPurposeCommand("alerts", parts),
    channelPurposeCommand("keys", parts),
    channelPolicyCommand(parts),
    channelTestCommand(parts),
    createKeyCommand(parts),
    listKeysCommand(parts),
    rotateKeyCommand(parts),
    revokeKeyCommand(parts),
    statusCommand(parts),
    doctorCommand(parts),
    showModelCommand(parts),
    useModelCommand(parts),
    modelBudgetCommand(parts),
    connectCommand(parts),
    tenantCommand(parts),
    inviteCommand(parts),
    retentionCommand(),
    memberRoleCommand(parts),
    listMembersCommand(parts),
    auditCommand(parts),
    hidePatternCommand(),
    showPatternCommand(),
    listPatternsCommand(),
    removePatternCommand(),
    helpCommand(() => catalogue),
  ];
  return catalogue;
}
