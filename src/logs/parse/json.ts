import { isRecord } from "./fieldNames.ts";

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
