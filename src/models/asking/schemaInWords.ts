import type { ModelRequest } from "../languageModel.ts";

/**
 * What the model is told to do, with the form of its answer in words. Servers that hold a model to a schema by its grammar
 * do not tell the model of it, and then let it call no tool: https://github.com/ollama/ollama/issues/8095,
 * https://github.com/vllm-project/vllm/issues/39929
 */
export function systemWithSchema({ system, schema }: Pick<ModelRequest, "system" | "schema">): string {
  if (schema === undefined) return system;
  return `${system}\n\nWhen you answer, answer with one JSON value and nothing else, no Markdown around it. Its JSON Schema:\n${JSON.stringify(schema.json)}`;
}
