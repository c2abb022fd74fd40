import { z } from "@hono/zod-openapi";
import { readFilter, readFilterName } from "../../../filters/filter.ts";
import {
  deleteFilter,
  findFilter,
  listFilters,
  type SavedFilter,
  saveFilter,
} from "../../../filters/store.ts";
import { LEVELS } from "../../../logs/source.ts";
import { redactionOf } from "../../../redactionRules/tenantRedaction.ts";
import { type Route, route } from "../addRoute.ts";
import { refuse } from "../problem.ts";
import { Name, Namespace, Service, Time, timeOf } from "../schemas.ts";
import { byOf } from "./anomalies.ts";

const Conditions = z
  .strictObject({
    service: Service.optional(),
    namespace: Namespace.optional(),
    levels: z.array(z.enum(LEVELS)).optional(),
    keywords: z.array(z.string()).optional(),
  })
  .openapi("Conditions", { description: "A line meets all of them; at least one is given" });
const Filter = z
  .strictObject({ name: Name, filter: Conditions, savedBy: z.string(), savedAt: Time })
  .openapi("Filter");
const ByName = z.strictObject({ name: Name });

const MOST = 500;

export function filterRoutes(): Route[] {
  return [
    route({
      method: "get",
      path: "/filters",
      summary: "Saved filters by name",
      scope: "read:filters",
      answer: z.strictObject({ items: z.array(Filter) }),
      run: async ({ key }) => ({ items: (await listFilters(key.tenant, MOST)).map(tell) }),
    }),
    route({
      method: "get",
      path: "/filters/{name}",
      summary: "One saved filter",
      scope: "read:filters",
      params: ByName,
      answer: Filter,
      async run({ key, params }) {
        const found = await findFilter(key.tenant, params.name);
        if (found === undefined) throw gone();
        return tell(found);
      },
    }),
    route({
      method: "put",
      path: "/filters/{name}",
      summary: "Save conditions under a name, in place of what has it",
      scope: "write:filters",
      params: ByName,
      body: Conditions,
      answer: Filter,
      async run({ key, params, body }) {
        const name = readFilterName(params.name);
        const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
        const filter = readFilter(given, await redactionOf(key.tenant));
        await saveFilter(key.tenant, { name, filter, savedBy: byOf(key) });
        const saved = await findFilter(key.tenant, name);
        if (saved === undefined) throw refuse("conflict", "It was deleted in the same moment.");
        return tell(saved);
      },
    }),
    route({
      method: "delete",
      path: "/filters/{name}",
      summary: "Delete a saved filter: its name is free again",
      scope: "write:filters",
      params: ByName,
      answer: z.strictObject({ name: Name }),
      async run({ key, params }) {
        const deleted = await deleteFilter(key.tenant, params.name);
        if (deleted === undefined) throw gone();
        return { name: deleted.name };
      },
    }),
  ];
}

function gone() {
  return refuse("not-found", "There is no such filter.");
}

function tell({ name, filter, savedBy, savedAtMs }: SavedFilter): z.input<typeof Filter> {
  return { name, filter, savedBy, savedAt: timeOf(savedAtMs) };
}
