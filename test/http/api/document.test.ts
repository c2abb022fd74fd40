import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { SCOPE_NAMES } from "../../../src/keys/scopes.ts";
import {
  type ApiDocument,
  createDocumentCheck,
  type DocumentCheck,
  type JsonSchema,
  nameOf,
  type Operation,
  readDocument,
  scopeOf,
} from "../../support/api/document.ts";
import { createLinesSource } from "../../support/linesSource.ts";
import { openTestApp, type TestApp } from "../../support/testApp.ts";

let t: TestApp;
let document: ApiDocument;
let check: DocumentCheck;

beforeAll(async () => {
  t = await openTestApp({ logs: createLinesSource([]) });
  document = await readDocument(t.apiUrl);
  check = createDocumentCheck(document);
});
afterAll(() => t.close());

/** Open to everybody, and there before there is a key. */
const OPEN = ["GET /v1/health", "GET /v1/openapi.json"];

describe("the OpenAPI document", () => {
  test("is one by the schema of OpenAPI 3.1", () => {
    const schema = JSON.parse(
      readFileSync(new URL("../../fixtures/openapi/schema-3.1.json", import.meta.url), "utf8"),
    );
    const ajv = new Ajv2020({ strict: false, allErrors: true, formats: OPENAPI_FORMATS });
    const isValid = ajv.compile(schema);
    expect([isValid(document.whole), isValid.errors]).toEqual([true, null]);
    const broken = structuredClone(document.whole) as { paths: Record<string, unknown> };
    broken.paths["without-a-slash"] = {};
    expect(isValid(broken)).toBe(false);
  });

  test("points only at what is in it", () => {
    const refs = [...JSON.stringify(document.whole).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref);
    expect(refs.length).toBeGreaterThan(50);
    for (const ref of new Set(refs)) {
      const [, name] = /^#\/components\/schemas\/(\w+)$/.exec(ref ?? "") ?? [];
      expect([ref, name !== undefined && name in document.schemas]).toEqual([ref, true]);
    }
  });

  test("has every route that the server has, and none besides", () => {
    const served = t.app.api.routes
      .filter(({ method, path }) => method !== "ALL" && !path.endsWith("/*"))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(document.operations.map(nameOf).sort()).toEqual([...new Set(served)].sort());
  });

  test("names each operation once", () => {
    const ids = document.operations.map(({ operationId }) => operationId);
    expect(ids.filter((id) => !/^[a-z][A-Za-z]+$/.test(id ?? ""))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("says of each operation what it does, which key it needs and how it refuses", () => {
    for (const operation of document.operations) {
      const what = nameOf(operation);
      expect([what, operation.summary?.length]).toEqual([what, expect.any(Number)]);
      expect([what, operation.security]).toEqual([
        what,
        OPEN.includes(what) ? [] : [{ apiKey: expect.any(Array) }],
      ]);
      const scope = scopeOf(operation);
      if (scope !== undefined) expect(SCOPE_NAMES).toContain(scope);
      if (OPEN.includes(what)) continue;
      const problems = Object.keys(operation.responses).filter((status) => Number(status) >= 400);
      expect(problems).toEqual(expect.arrayContaining(["400", "401", "403", "429", "500", "503"]));
      for (const status of problems)
        expect([what, status, operation.responses[status]?.content]).toEqual([
          ...[what, status],
          { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
        ]);
    }
  });

  test("describes each parameter of a path", () => {
    for (const { path, parameters } of document.operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = parameters.filter((one) => one.in === "path" && one.required);
      expect([path, described.map(({ name }) => name)]).toEqual([path, named]);
    }
  });

  test("has schemas that compile, and examples that are as they say", () => {
    let examples = 0;
    for (const [where, schema] of schemasOf(document)) {
      check.valueFault(schema, undefined);
      for (const [at, part] of partsOf(schema)) {
        const given = [...(part.example === undefined ? [] : [part.example]), ...(part.examples ?? [])];
        for (const example of [...given, ...(part.default === undefined ? [] : [part.default])]) {
          examples++;
          expect([where, at, check.valueFault(part, example)]).toEqual([where, at, undefined]);
        }
      }
    }
    expect(examples).toBeGreaterThan(20);
  });

  test("leaves nothing open that an answer is made of", () => {
    const open = [];
    for (const [where, schema] of schemasOf(document))
      if (where.startsWith("answer") || where.startsWith("component"))
        for (const [at, part] of partsOf(schema))
          if (part.properties !== undefined && part.additionalProperties !== false)
            open.push(`${where}${at}`);
    // What others send, of which not all is read.
    expect(open).toEqual([
      "component AlertNotification",
      "component AlertNotification.alerts[]",
      "answer GET /v1/openapi.json 200",
    ]);
  });
});

/** Those of the OpenAPI schema, loosely: there is nothing of them in the document that another test does not see. */
const OPENAPI_FORMATS = {
  "uri-reference": (text: string) => URL.canParse(text, "http://a.test"),
  "media-range": /^[\w.*+-]+\/[\w.*+-]+$/,
  email: /@/,
};

/** Every schema in it, with where it stands. */
function schemasOf({ schemas, operations }: ApiDocument): [string, JsonSchema][] {
  return [
    ...Object.entries(schemas).map(([name, schema]): [string, JsonSchema] => [`component ${name}`, schema]),
    ...operations.flatMap((operation: Operation): [string, JsonSchema][] => [
      ...operation.parameters.map(({ name, schema }): [string, JsonSchema] => [
        `parameter ${nameOf(operation)} ${name}`,
        schema,
      ]),
      ...(operation.body === undefined
        ? []
        : [[`body ${nameOf(operation)}`, operation.body] satisfies [string, JsonSchema]]),
      ...Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
        Object.values(content).map(({ schema }): [string, JsonSchema] => [
          `answer ${nameOf(operation)} ${status}`,
          schema,
        ]),
      ),
    ]),
  ];
}

/** A schema and all within it. */
function* partsOf(schema: JsonSchema, at = ""): Generator<[string, JsonSchema]> {
  yield [at, schema];
  for (const [name, part] of Object.entries(schema.properties ?? {})) yield* partsOf(part, `${at}.${name}`);
  if (schema.items !== undefined) yield* partsOf(schema.items, `${at}[]`);
  if (typeof schema.additionalProperties === "object") yield* partsOf(schema.additionalProperties, `${at}{}`);
}
