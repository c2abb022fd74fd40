import { type Asking, ago, show } from "./asking.ts";
import { table } from "./terminal.ts";

interface Filter {
  name: string;
  filter: { service?: string; namespace?: string; levels?: string[]; keywords?: string[] };
  savedBy: string;
  savedAt: string;
}

export async function listFilters(asking: Asking): Promise<void> {
  const found = await (await asking.client()).get<{ items: Filter[] }>("/filters");
  show(asking, found, ({ items }) =>
    items.length === 0
      ? "No saved filters."
      : table(
          items.map(({ name, filter, savedBy }) => [name, savedBy, meaningOf(filter)]),
          asking.terminal.width,
        ),
  );
}

export async function saveFilter(
  asking: Asking,
  name: string,
  keywords: readonly string[],
  { service, namespace, level }: { service?: string; namespace?: string; level?: string[] },
): Promise<void> {
  const conditions = {
    ...(service !== undefined && { service }),
    ...(namespace !== undefined && { namespace }),
    ...(level !== undefined && { levels: level.map((one) => one.toUpperCase()) }),
    ...(keywords.length > 0 && { keywords }),
  };
  const path = `/filters/${encodeURIComponent(name)}`;
  const saved = await (await asking.client()).put<Filter>(path, conditions);
  show(asking, saved, (filter) => `Saved ${filter.name}: ${meaningOf(filter.filter)}`);
}

export async function deleteFilter(asking: Asking, name: string): Promise<void> {
  const path = `/filters/${encodeURIComponent(name)}`;
  const deleted = await (await asking.client()).remove<{ name: string }>(path);
  show(asking, deleted, ({ name: gone }) => `Deleted ${gone}.`);
}

export async function deploy(
  asking: Asking,
  service: string,
  version: string,
  { namespace, at }: { namespace?: string; at?: string },
): Promise<void> {
  const body = {
    service,
    version,
    ...(namespace !== undefined && { namespace }),
    ...(at !== undefined && { at }),
  };
  const marked = await (await asking.client()).post<{ at: string }>("/deploys", body);
  show(asking, marked, ({ at: when }) => `Marked ${service} ${version}, ${ago(when, asking.now())}.`);
}

/** What the key may do. */
export async function whoAmI(asking: Asking): Promise<void> {
  const key = await (await asking.client()).get<{
    name: string;
    organisation: string;
    scopes: string[];
    expiresAt: string | null;
  }>("/key");
  show(asking, key, ({ name, organisation, scopes, expiresAt }) =>
    [
      `Key            ${name}`,
      `Organisation   ${organisation}`,
      `May            ${scopes.join(", ")}`,
      `Ends           ${expiresAt ?? "never"}`,
    ].join("\n"),
  );
}

function meaningOf({ service, namespace, levels, keywords }: Filter["filter"]): string {
  return [
    ...(service === undefined ? [] : [`service ${service}`]),
    ...(namespace === undefined || namespace === "" ? [] : [`namespace ${namespace}`]),
    ...(levels === undefined ? [] : [levels.join(" or ")]),
    ...(keywords ?? []).map((word) => JSON.stringify(word)),
  ].join(", ");
}
