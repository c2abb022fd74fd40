import { z } from "zod";
import type { SaidError } from "./failure.ts";

const Inner = z.object({
  code: z.union([z.string(), z.number()]).nullish().catch(undefined),
  type: z.string().nullish().catch(undefined),
  message: z.string().nullish().catch(undefined),
  param: z.string().nullish().catch(undefined),
  details: z.object({ error_code: z.string().nullish() }).nullish().catch(undefined),
});

/** `{error: {…}}` of OpenAI and Anthropic, `{error: "…"}` of Ollama, and vLLM's fields without a cover. */
const Outer = z.union([
  z.object({ error: Inner }).transform(({ error }) => error),
  z.object({ error: z.string() }).transform(({ error }) => ({ message: error })),
  z.object({ object: z.literal("error") }).and(Inner),
]);

/** What an error's body says; undefined where it is none that a language model sends. */
export function saidIn(body: string): SaidError | undefined {
  try {
    return saidBy(JSON.parse(body));
  } catch {
    return undefined;
  }
}

/** The same of a value, such as an event of a stream. */
export function saidBy(value: unknown): SaidError | undefined {
  const parsed = Outer.safeParse(value);
  if (!parsed.success) return undefined;
  const { code, type, message, param, details }: z.infer<typeof Inner> = parsed.data;
  const words = [code, type, details?.error_code].flatMap((word) => (word == null ? [] : [String(word)]));
  return { words, message: message ?? "", param: param ?? undefined };
}
