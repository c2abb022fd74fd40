import type { FingerprintPool } from "../clusters/fingerprintPool.ts";
import { UserError } from "../errors.ts";
import { gatherEvidence, type Phase } from "../evidence/gather.ts";
import type { Pack } from "../evidence/pack.ts";
import { CalledOff } from "../jobs/queue.ts";
import type { Log } from "../log.ts";
import { behindSecondWall } from "../logs/redaction/secondWall.ts";
import type { LogSource } from "../logs/source.ts";
import { createPlaces } from "../models/places.ts";
import { type Models, tenantModel } from "../models/tenantModel.ts";
import { numberedRedactionOf, redactionOf } from "../redactionRules/tenantRedaction.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { beginAsking } from "./asking.ts";
import { analyseBuiltin } from "./builtin.ts";
import { progressCard } from "./card.ts";
import { type Conversation, findConversation } from "./conversations.ts";
import { fitted } from "./fitted.ts";
import type { Found } from "./keepAnswer.ts";
import { keptOf } from "./kept.ts";
import { linesBehind } from "./linesBehind.ts";
import { askRootCause } from "./modelAnswer.ts";
import { type Progress, type ProgressParts, startProgress } from "./progress.ts";
import { newFence } from "./prompt/packText.ts";

/** Reading is work for this process; what only waits for a model may be more. */
const READINGS_AT_ONCE = { all: 4, each: 2 };

export interface RootCauseParts extends ProgressParts {
  logs: LogSource;
  fingerprints: FingerprintPool;
  models: Models;
  /** Aborted when the process is about to end. */
  stopping: AbortSignal;
  log: Log;
}

/** Looks for the root cause that a conversation asks for, and shows on its message how far that is. Keeps no answer. */
export interface RootCauses {
  /** @returns what was found, or why nobody can look, as far as the person can put that right */
  find(
    scope: TenantScope,
    conversation: Conversation,
    onPhase: (phase: Phase | "asking") => void,
  ): Promise<Found | UserError>;
}

export function createRootCauses(parts: RootCauseParts): RootCauses {
  const reading = createPlaces(READINGS_AT_ONCE);
  const { logs, fingerprints, models, stopping, log } = parts;

  return {
    async find(scope, conversation, onPhase) {
      const { service, window } = conversation;
      const progress = await startProgress(parts, scope, {
        ...(conversation.at !== undefined && { workspaceId: conversation.at.workspaceId }),
        place: () => placeOf(scope, conversation.id),
      });
      try {
        const evidence = await read(scope, conversation, (phase) => {
          onPhase(phase);
          progress.show(progressCard(service, window, phase));
        });
        if (evidence instanceof UserError) return evidence;
        const pack = await behindSecondWall(evidence.pack);
        const answered = await answerFrom(scope, conversation, pack, progress, () => onPhase("asking"));
        const linesUrl = await logs.linkTo(scope.lokiOrgId, linesBehind(pack, answered.answer));
        const answer = await fitted(scope, pack, answered.answer);
        return { ...answered, answer, pack, clusters: evidence.clusters, linesUrl };
      } finally {
        // An edit still under way must not land on top of the answer; and what failed shows nothing any more.
        await progress.settled();
      }
    },
  };

  async function read(
    scope: TenantScope,
    { service, namespace, window }: Conversation,
    showPhase: (phase: Phase) => void,
  ) {
    const redaction = await numberedRedactionOf(scope);
    const endReading = await reading.take(stopping, { account: scope.tenantId });
    return gatherEvidence(
      { org: scope.lokiOrgId, fingerprints, redaction, service, namespace, window },
      logs,
      keptOf(scope, namespace),
      showPhase,
    )
      .catch((error: unknown) => {
        // Trying again would only make the person wait longer for what they can put right.
        if (error instanceof UserError) return error;
        throw error;
      })
      .finally(() => endReading?.());
  }

  /** The built-in analyzer's answer, or that of the model the tenant asks; the first stands on the card meanwhile. */
  async function answerFrom(
    scope: TenantScope,
    conversation: Conversation,
    pack: Pack,
    progress: Progress,
    onAsking: () => void,
  ): Promise<Pick<Found, "answer" | "fence">> {
    const builtin = analyseBuiltin(pack);
    const model = await tenantModel(scope, models, log);
    if (model === undefined || pack.silent) return { answer: builtin };
    onAsking();
    const onStanding = await beginAsking(scope, conversation, { pack, builtin, model, progress });
    const fence = newFence();
    const { linkHosts, system } = models;
    const answer = await askRootCause({
      ...{ model, pack, fence, builtin, linkHosts, redaction: await redactionOf(scope) },
      ...{ onStanding, signal: stopping },
      ...(system !== undefined && { system }),
    });
    // Nobody has been answered yet: the next start asks again.
    if (stopping.aborted) throw new CalledOff("stopped while a model was asked");
    return { answer, fence };
  }
}

/** Where the message stands that shows how far it is. */
async function placeOf(scope: TenantScope, id: string) {
  const shown = await findConversation(scope, id);
  // Answered or given up meanwhile, its message shows that.
  if (shown?.state !== "queued" || shown.shownAt === undefined || shown.at === undefined) return undefined;
  return { channel: shown.at.channel, shownAt: shown.shownAt };
}
