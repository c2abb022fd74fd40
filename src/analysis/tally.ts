import type { TenantReply } from "../models/tenantModel.ts";

/** What one answer has cost. */
export function createTally(): { add(reply: TenantReply): void; text(): string } {
  let tokens = { in: 0, cached: 0, out: 0 };
  let usd: number | undefined = 0;
  let counted = false;
  return {
    add(reply) {
      const usage = "usage" in reply ? reply.usage : undefined;
      const { costUsd } = reply;
      if (usage === undefined) return;
      counted = true;
      tokens = {
        in: tokens.in + usage.inputTokens,
        cached: tokens.cached + usage.cachedTokens,
        out: tokens.out + usage.outputTokens,
      };
      usd = usd === undefined || costUsd === undefined ? undefined : usd + costUsd;
    },
    text() {
      if (!counted) return "";
      const number = (count: number) => count.toLocaleString("en-US");
      const cached = tokens.cached === 0 ? "" : ` (${number(tokens.cached)} from its cache)`;
      const cost = usd === undefined ? "" : `, $${usd.toFixed(usd < 0.01 ? 4 : 2)}`;
      return `, ${number(tokens.in)} tokens read${cached} and ${number(tokens.out)} written${cost}`;
    },
  };
}
