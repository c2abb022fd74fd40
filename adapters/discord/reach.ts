import { type APIUser, Routes } from "discord.js";
import type { Reach } from "../../src/chat/platform.ts";
import { type Api, type Done, tried } from "./api.ts";
import { deliveryOf, type Failure } from "./errors.ts";
import { findLacking, type PermissionsOf } from "./permissions.ts";
import { lossOf, NEEDED_TO_POST } from "./servers.ts";

/** Whether a channel would take a message: by what LogHunter may do there. @param asked.me undefined where it is not connected */
export async function findReach(
  api: Api,
  { me, signal, ...asked }: Omit<PermissionsOf, "me"> & { me: string | undefined; signal: AbortSignal },
): Promise<Reach> {
  if (me !== undefined) return reachOf(await findLacking(api, { ...asked, me, signal }));
  const own = await tried(() => api.call<APIUser>("GET", Routes.user(), { signal }));
  if (own.kind !== "done") return reachOf(own);
  return reachOf(await findLacking(api, { ...asked, me: own.value.id, signal }));
}

/** In a channel that Discord shows it, LogHunter may lack what a message needs. */
function reachOf(lacking: Done<readonly string[]> | Failure): Reach {
  if (lacking.kind !== "done") {
    const delivery = deliveryOf(lacking);
    return delivery.outcome === "refused" ? delivery : { outcome: "not told", why: lacking.why };
  }
  if (lacking.value.length === 0) return { outcome: "open" };
  const needed = lacking.value.filter((name) => NEEDED_TO_POST.has(name));
  if (needed.length === 0) return { outcome: "open", without: lossOf(lacking.value) };
  return { outcome: "refused", reason: "not permitted", why: `LogHunter lacks ${lacking.value.join(", ")}` };
}
