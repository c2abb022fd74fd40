import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { InstallURLOptions, StateStore } from "@slack/bolt";
import type { Installations } from "../../src/chat/installations.ts";

/** The state of an installation is good for that long. */
export const STATE_MS = 10 * 60_000;

/**
 * Signed, young, and good for one use. The SDK's own is none of the last: it can be used again until it is old, and
 * its random part is `Math.random` (node-slack-sdk, `packages/oauth/src/state-stores/clear-state-store.ts`). That it
 * is used by the browser that began is seen to by the SDK, with a Secure HttpOnly cookie.
 */
export function createStateStore(
  secret: string,
  install: InstallURLOptions,
  { installations, now }: { installations: Pick<Installations, "useOnce">; now: () => number },
): StateStore {
  const sign = (text: string) =>
    createHmac("sha256", secret).update(`oauth-state:${text}`).digest("base64url");

  return {
    async generateStateParam() {
      // No "=" in it: the SDK reads the cookie up to there.
      const text = `${randomBytes(18).toString("base64url")}.${now()}`;
      return `${text}.${sign(text)}`;
    },
    async verifyStateParam(_, state) {
      const [nonce = "", issued = "", signature = ""] = state.split(".");
      const expected = Buffer.from(sign(`${nonce}.${issued}`));
      const given = Buffer.from(signature);
      if (given.length !== expected.length || !timingSafeEqual(given, expected))
        throw new StateError("the state is not ours");
      const ageMs = now() - Number(issued);
      if (!(ageMs >= 0 && ageMs <= STATE_MS)) throw new StateError("the state is too old");
      if (!(await installations.useOnce(`slack-oauth-${nonce}`, STATE_MS)))
        throw new StateError("the state was used before");
      return install;
    },
  };
}

/** As the SDK tells it from other failures. */
class StateError extends Error {
  readonly code = "slack_oauth_invalid_state";
}
