import type { AnalyzeParts } from "../commands/analyze.ts";
import type { ChannelPolicyParts } from "../commands/channel/policy.ts";
import { acknowledgeAction } from "./acknowledge.ts";
import type { ActionHandler } from "./action.ts";
import { againAction, rootCauseAction } from "./analyze.ts";
import { digestAction } from "./digest.ts";
import { feedbackAction, notRightAction } from "./feedback.ts";
import { channelPolicyAction, saveFilterAction } from "./forms.ts";
import { labelAction, unlabelAction } from "./labels.ts";
import { linesAction } from "./lines.ts";
import { muteAction, muteForAction, unmuteAction } from "./mute.ts";
import { removePatternAction, setPatternAction } from "./redaction.ts";
import { resolveAction } from "./resolve.ts";
import { modeAction, sensitivityAction } from "./watch.ts";

/** Every button there is. */
export function createActions(parts: AnalyzeParts & ChannelPolicyParts): readonly ActionHandler[] {
  return [
    notRightAction(),
    feedbackAction("right"),
    feedbackAction("partly"),
    feedbackAction("wrong"),
    linesAction(parts),
    againAction(parts),
    rootCauseAction(parts),
    saveFilterAction(),
    muteAction(),
    acknowledgeAction(parts),
    resolveAction(parts),
    muteForAction(1, parts),
    muteForAction(24, parts),
    unmuteAction(parts),
    channelPolicyAction(),
    digestAction(parts),
    setPatternAction("hide"),
    setPatternAction("show"),
    removePatternAction(),
    modeAction("live", parts),
    modeAction("shadow", parts),
    sensitivityAction("more"),
    sensitivityAction("less"),
    labelAction("right", parts),
    labelAction("no anomaly", parts),
    unlabelAction(parts),
  ];
}
