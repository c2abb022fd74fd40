import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  type Answered,
  expectSearched,
  type HostileChat,
  isAnyService,
  isBlank,
  isOwnQuery,
  openHostileChat,
  TITLED_VALUES,
} from "./hostileChat.ts";
import { ACME, ANY_SECRET, kept } from "./hostileTenants.ts";

const SERVICES = new Set(ACME.map(({ labels }) => labels.service_name as string));

let hostile: HostileChat;
beforeAll(async () => {
  hostile = await openHostileChat();
});
afterAll(() => hostile.close());

const named = (name: string, options: Record<string, string>) => hostile.ask({ name, options });

/** Every selector is either that of all services, or of just this service in just this namespace. */
function expectOnlyOf({ queries }: Answered, service: string): void {
  for (const { matchers } of queries) {
    if (isAnyService(matchers)) continue;
    const [of, within, ...level] = matchers;
    expect(of).toEqual({ name: "service_name", op: "=", value: service });
    if (within !== undefined) expect(["namespace", "level"]).toContain(within.name);
    if (within?.name === "namespace") expect(within).toEqual({ name: "namespace", op: "=", value: service });
    expect(level.every(({ name }) => name === "level")).toBe(true);
  }
}

/** The one name of a service that is meant, as the command finds it: without blanks at its ends, whatever its case. */
function meantBy(value: string): string | undefined {
  const typed = kept(value).trim();
  if (SERVICES.has(typed)) return typed;
  const alike = [...SERVICES].filter((service) => service.toLowerCase() === typed.toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}

/** A card about a service shows that service's lines and nobody else's. */
function expectCardOf({ card }: Answered, service: string | undefined): void {
  const shown = JSON.stringify(card);
  expect(shown).not.toMatch(ANY_SECRET);
  const own = ACME.findIndex(({ labels }) => labels.service_name === service);
  const numbers = [...shown.matchAll(/zz error (\d+) of:/g)].map(([, number]) => Number(number) + 3);
  expect(new Set(numbers).size).toBeLessThanOrEqual(1);
  for (const number of numbers) expect(number).toBe(own);
}

describe("in the options of commands a hostile value widens nothing:", () => {
  test.each(TITLED_VALUES)("%s", async (_, value) => {
    const service = meantBy(value);
    const found = await named("search", { service: value });
    if (service === undefined) expect(found.card.title).toBe("That did not work");
    else expectOnlyOf(found, service);
    expectCardOf(found, service);

    const within = await named("search", { text: "zz error", service: value, namespace: value });
    if (service !== undefined) expectOnlyOf(within, service);
    if (!isBlank(value)) expectCardOf(within, service);
    // Without a service the namespace is taken as it is typed.
    const inNamespace = await named("search", { text: "zz error", namespace: value });
    if (!isBlank(value)) expectCardOf(inNamespace, kept(value).trim());

    const errors = await named("errors", { service: value });
    if (service !== undefined) expectOnlyOf(errors, service);
    expectCardOf(errors, service);

    const searched = await named("search", { text: value });
    if (!isOwnQuery(value)) expectSearched(searched);
  });
});
