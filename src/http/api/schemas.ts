import { z } from "@hono/zod-openapi";
import { ERROR_LEVELS } from "../../logs/source.ts";
import type { PageEnd } from "../../tenancy/pages.ts";

/** ISO 8601 in UTC, to the millisecond. */
export const Time = z.iso.datetime().openapi({ example: "2026-01-31T14:00:00.000Z" });

export function timeOf(atMs: number): string {
  return new Date(atMs).toISOString();
}

export const Id = z.uuid().openapi({ example: "3f0c1c1e-7c0b-4a55-9e57-0d6a4f2f9a10" });
export const ById = z.strictObject({ id: Id });

/** Longer than any label value that a service is named by. */
export const Name = z.string().min(1).max(200);
export const Service = Name.openapi({ example: "checkout" });
export const Namespace = z
  .string()
  .max(200)
  .openapi({ description: 'Where the same name stands in several; "" is: without one' });
/** As answers tell it: what stands in the logs or in a table is told, however long it is. */
export const ToldService = z.string().openapi({ example: "checkout" });
export const ToldNamespace = z.string().openapi({ description: '"" is: without one' });
export const Level = z.enum(ERROR_LEVELS as unknown as readonly [string, ...string[]]);

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** How far back, in milliseconds. */
export const Since = z
  .string()
  .regex(/^\d{1,4}[smhd]$/, "is not a duration: try 30m, 6h or 7d")
  .openapi({ example: "6h" })
  .transform((text) => Number(text.slice(0, -1)) * UNIT_MS[text.slice(-1) as keyof typeof UNIT_MS]);

const MOST = 200;

/** What every list takes. */
export const Listing = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, `is not between 1 and ${MOST}`)
    .optional()
    .openapi({ description: `How many at most: 1 to ${MOST}, 50 unless said` })
    .transform((text) => (text === undefined ? 50 : Number(text)))
    .refine((count) => count >= 1 && count <= MOST, `is not between 1 and ${MOST}`),
  cursor: z
    .string()
    .max(200)
    .optional()
    .openapi({ description: "The nextCursor of the page before" })
    .transform((text, context): PageEnd | undefined => {
      if (text === undefined) return undefined;
      const end = readCursor(text);
      if (end === undefined) context.addIssue({ code: "custom", message: "is no nextCursor of a page" });
      return end;
    }),
};

const Cursor = z.tuple([z.string().regex(/^\d{1,16}$/), z.uuid()]);

function readCursor(text: string): PageEnd | undefined {
  try {
    const [atUs, id] = Cursor.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
    return { atUs, id };
  } catch {
    return undefined;
  }
}

function cursorOf({ atUs, id }: PageEnd): string {
  return Buffer.from(JSON.stringify([atUs, id])).toString("base64url");
}

/** A page of a list, and what asks for the next one; absent on the last. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().optional() });
}

/** @param rows one more than the limit where there are more */
export function page<Row extends PageEnd, Item>(
  rows: readonly Row[],
  limit: number,
  tell: (row: Row) => Item,
): { items: Item[]; nextCursor?: string } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(tell),
    ...(rows.length > limit && last !== undefined && { nextCursor: cursorOf(last) }),
  };
}
