import { z } from "@hono/zod-openapi";
import { AUDITED, type Entry, listEntries } from "../../../audit/entries.ts";
import { type Route, route } from "../addRoute.ts";
import { Id, Listing, page, pageOf, Since, Time, timeOf } from "../schemas.ts";

const Told = z
  .strictObject({
    id: Id,
    at: Time,
    actor: z.enum(["person", "key", "operator", "loghunter"]),
    actorId: z.string(),
    actorName: z.string(),
    workspaceId: Id.nullable(),
    channel: z.string().nullable(),
    address: z.string().nullable(),
    action: z.enum(Object.keys(AUDITED) as [string, ...string[]]),
    subject: z.string(),
    detail: z.record(z.string(), z.string()),
  })
  .openapi("AuditEntry");

export function auditRoutes({ now }: { now: () => number }): Route[] {
  return [
    route({
      method: "get",
      path: "/audit",
      summary: "Who did what, from where; the latest first",
      scope: "read:audit",
      query: z.strictObject({
        about: z
          .string()
          .regex(/^[a-z]{1,20}$/)
          .optional()
          .openapi({
            description: "What it is about: the word before the point of an action",
            example: "key",
          }),
        since: Since.optional(),
        ...Listing,
      }),
      answer: pageOf(Told),
      async run({ key, query: { limit, cursor, since, about } }) {
        const filter = {
          ...(about !== undefined && { about }),
          ...(since !== undefined && { sinceMs: now() - since }),
          ...(cursor !== undefined && { after: cursor }),
        };
        return page(await listEntries(key.tenant, filter, limit + 1), limit, tell);
      },
    }),
  ];
}

function tell(entry: Entry): z.input<typeof Told> {
  return {
    id: entry.id,
    at: timeOf(entry.atMs),
    actor: entry.actor,
    actorId: entry.actorId,
    actorName: entry.actorName,
    workspaceId: entry.workspaceId ?? null,
    channel: entry.channel ?? null,
    address: entry.address ?? null,
    action: entry.action,
    subject: entry.subject,
    detail: entry.detail,
  };
}
