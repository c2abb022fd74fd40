import { z } from "@hono/zod-openapi";
import { meaningOf, readFilter, readFilterName } from "../../../filters/filter.ts";
import {
  addFilter,
  deleteFilter,
  findFilter,
  listFilters,
  type NewFilter,
  type SavedFilter,
  saveFilter,
} from "../../../filters/store.ts";
import type { VerifiedKey } from "../../../keys/verifier.ts";
import { LEVELS } from "../../../logs/source.ts";
import { redactionOf } from "../../../redactionRules/tenantRedaction.ts";
import { type Route, route } from "../addRoute.ts";
import { audited } from "../audited.ts";
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
      method: "post",
      path: "/filters",
      summary: "Save conditions under a name that is free",
      scope: "write:filters",
      body: z.strictObject({ name: Name, filter: Conditions }),
      status: 201,
      answer: Filter,
      location: ({ name }) => `/filters/${encodeURIComponent(name)}`,
      async run({ key, address, body }) {
        const saved = await readSaved(key, body.name, body.filter);
        const isNew = await audited({ key, address }, changeOf(saved), async (db) => {
          return (await addFilter(key.tenant, db, saved)) || undefined;
        });
        if (isNew === undefined)
          throw refuse("conflict", `There is a filter ${saved.name} already. PUT it to replace it.`);
        return find(key, saved.name);
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
      async run({ key, address, params, body }) {
        const saved = await readSaved(key, params.name, body);
        await audited({ key, address }, changeOf(saved), async (db) => {
          await saveFilter(key.tenant, db, saved);
          return saved;
        });
        return find(key, saved.name);
      },
    }),
    route({
      method: "delete",
      path: "/filters/{name}",
      summary: "Delete a saved filter: its name is free again",
      scope: "write:filters",
      params: ByName,
      answer: z.strictObject({ name: Name }),
      async run({ key, address, params }) {
        const change = {
          action: "filter.changed",
          subject: params.name,
          detail: { deleted: "yes" },
        } as const;
        const deleted = await audited({ key, address }, change, (db) =>
          deleteFilter(key.tenant, db, params.name),
        );
        if (deleted === undefined) throw gone();
        return { name: deleted.name };
      },
    }),
  ];
}

async function readSaved(
  key: VerifiedKey,
  name: string,
  given: z.output<typeof Conditions>,
): Promise<NewFilter> {
  const conditions = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    name: readFilterName(name),
    filter: readFilter(conditions, await redactionOf(key.tenant)),
    savedBy: byOf(key),
  };
}

async function find(key: VerifiedKey, name: string): Promise<z.input<typeof Filter>> {
  const found = await findFilter(key.tenant, name);
  if (found === undefined) throw refuse("conflict", "It was deleted in the same moment.");
  return tell(found);
}

function changeOf({ name, filter }: NewFilter) {
  return { action: "filter.changed", subject: name, detail: { means: meaningOf(filter) } } as const;
}

function gone() {
  return refuse("not-found", "There is no such filter.");
}

function tell({ name, filter, savedBy, savedAtMs }: SavedFilter): z.input<typeof Filter> {
  return { name, filter, savedBy, savedAt: timeOf(savedAtMs) };
}
