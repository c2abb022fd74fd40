import { type Fields, fieldsOf } from "./fields.ts";
import type { Clock } from "./time.ts";

/** The fields of a line that is one JSON object; nothing where it is none. */
export function jsonFields(text: string, clock: Clock | undefined, isWhole: boolean): Fields | undefined {
  const record = jsonObject(text);
  return record === undefined ? undefined : fieldsOf((name) => lookup(record, name), clock, isWhole);
}

export function jsonObject(text: string): Record<string, unknown> | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return undefined;
  try {
    const value: unknown = JSON.parse(trimmed);
    return isRecord(value) ? value : undefined;
  } catch {
    // Not JSON after all: a plain line may begin with a brace.
    return undefined;
  }
}

/** A field by its name, or by its path: ECS writes `log.level` both flat and nested. */
function lookup(record: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(record, name)) return record[name];
  const dot = name.indexOf(".");
  if (dot < 0) return undefined;
  const outer = name.slice(0, dot);
  const inner = Object.hasOwn(record, outer) ? record[outer] : undefined;
  return isRecord(inner) ? lookup(inner, name.slice(dot + 1)) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
