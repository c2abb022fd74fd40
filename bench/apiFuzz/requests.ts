import type { ApiDocument, Operation } from "../../test/support/api/document.ts";
import { createRandom, type Random } from "./random.ts";
import { createValues, type Things, type Values } from "./values.ts";

/** One request of the fuzz, as it goes over the wire. */
export interface FuzzRequest {
  operation: Operation;
  /** What is odd about it; empty: nothing, as far as the document says. */
  odd: string[];
  method: string;
  /** Path and query. */
  target: string;
  headers: Record<string, string>;
  body?: Buffer;
  /** The connection ends before all of the body has gone. */
  isCutOff?: true;
}

export interface FuzzParts {
  document: ApiDocument;
  seed: number;
  /** May do all, and as often as it likes. */
  key: string;
  /** Keys that may less, or nothing. */
  otherKeys: readonly string[];
  things: Things;
  /** What pages have ended with so far. */
  cursors: readonly string[];
  now: () => number;
}

const METHODS = ["HEAD", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "PUT", "DELETE", "POST", "GET", "QUERY"];
const TYPES = [
  ...["text/plain", "application/jsonp", "application/json-seq", "application/x-www-form-urlencoded", ""],
  ...[
    "APPLICATION/JSON",
    "application/json; charset=utf-16",
    "application/json;",
    "application/vnd.api+json",
  ],
  ...["multipart/form-data; boundary=x", "application/json, text/plain", "json", "application/xml", "*/*"],
];
const PERCENTS = [
  ...["%", "%2", "%zz", "%00", "%ff", "%ed%a0%80", "%c0%ae", "%2e%2e%2f", "%252f", "%25", "%2F", "%f0%9f%98"],
  ...["%0d%0aset-cookie:a=b", "%u0041", "+", ";", "//", "/../", "/./", "%5c", "%3F", "%23"],
];
const ONCE_KEYS = ["", " ", "two words", "é", "\t", "k".repeat(201), "k".repeat(5_000), "a,b", '"quoted"'];
const BROKEN = [
  "{",
  "[",
  '{"service":',
  "{'service':'checkout'}",
  "NaN",
  "undefined",
  "1e999",
  "[1,]",
  '{"a":1,}',
];

/** Makes requests from an API's document: one after another the same for a seed. */
export function createRequests(parts: FuzzParts): () => FuzzRequest {
  const { document, seed, things, now } = parts;
  const random = createRandom(seed);
  const values = createValues({ random, seed, schemas: document.schemas, things, now });
  let turn = 0;
  const all = { ...parts, random, values };
  return () => {
    const operation = document.operations[turn++ % document.operations.length] as Operation;
    const draft = plain(operation, turn, all);
    const times = random.of([0, 1, 1, 1, 2, 3]);
    for (let time = 0; time < times; time++) random.of(SPOILERS)(draft, all);
    return written(draft);
  };
}

/** A request before it is written as bytes. */
interface Draft extends Omit<FuzzRequest, "target" | "body"> {
  path: string;
  query: [string, string][];
  /** Put behind the query as it is. */
  rawQuery: string;
  body?: unknown;
  rawBody?: Buffer;
}

function plain(
  operation: Operation,
  turn: number,
  parts: FuzzParts & { random: Random; values: Values },
): Draft {
  const { random, values, key, cursors } = parts;
  const draft: Draft = {
    ...{ operation, odd: [], method: operation.method, path: operation.path, query: [], rawQuery: "" },
    headers: { authorization: `Bearer ${key}` },
  };
  for (const { name, in: where, required, schema } of operation.parameters) {
    if (!required && random.oneIn(2)) continue;
    if (name === "cursor") {
      const known = cursors.at(-1 - random.below(20));
      if (known !== undefined) draft.query.push([name, known]);
    } else if (where === "path") {
      // A thing of the kind that the path is of.
      const kind = operation.path.split("/")[2] ?? name;
      draft.path = draft.path.replace(`{${name}}`, percent(String(values.valid(schema, kind))));
    } else if (where === "query") {
      draft.query.push([name, String(values.valid(schema, name))]);
    } else {
      draft.headers[name] = random.oneIn(5) ? String(values.valid(schema, name)) : `turn-${turn}`;
    }
  }
  if (operation.body !== undefined) {
    draft.headers["content-type"] = "application/json";
    draft.body = values.valid(operation.body, "");
  }
  return draft;
}

type Spoiler = (draft: Draft, parts: FuzzParts & { random: Random; values: Values }) => void;

const SPOILERS: readonly Spoiler[] = [
  function pathParameter(draft, { random, values }) {
    const at = draft.path.lastIndexOf(
      "/",
      draft.operation.path.includes("}/") ? draft.path.lastIndexOf("/") - 1 : undefined,
    );
    if (!draft.operation.path.includes("{")) return;
    draft.odd.push("path parameter");
    const rest = draft.operation.path.endsWith("}") ? "" : draft.path.slice(draft.path.lastIndexOf("/"));
    const value = random.oneIn(3) ? random.of(PERCENTS) : percent(values.oddText());
    draft.path = `${draft.path.slice(0, at)}/${value}${rest}`;
  },
  function queryValue(draft, { random, values }) {
    const names = draft.operation.parameters.filter((one) => one.in === "query").map(({ name }) => name);
    if (names.length === 0) return;
    draft.odd.push("query");
    draft.query.push([random.of(names), values.oddText()]);
  },
  function queryName(draft, { random, values }) {
    draft.odd.push("unknown query");
    draft.query.push([
      random.of(["__proto__", "constructor", "limit[]", "nonsense", "", "limit"]),
      values.oddText(),
    ]);
  },
  function rawQuery(draft, { random }) {
    draft.odd.push("raw query");
    draft.rawQuery = random.of([...PERCENTS, "=", "&&", "a=b=c", "?", "service", "limit=1&limit=2"]);
  },
  function cursor(draft, { random, values, cursors }) {
    if (!draft.operation.parameters.some(({ name }) => name === "cursor")) return;
    draft.odd.push("cursor");
    const known = cursors.at(-1 - random.below(20)) ?? "WyIxIiwiMyJd";
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const id = "3f0c1c1e-7c0b-4a55-9e57-0d6a4f2f9a10";
    const made = random.of([
      ...[known, known.slice(0, -3), `${known}=`, known.toLowerCase(), values.oddText()],
      ...[
        encoded(["9".repeat(16), id]),
        encoded(["9".repeat(17), id]),
        encoded(["-1", id]),
        encoded([1, id]),
      ],
      ...[encoded(["0", id]), encoded(["1", "x"]), encoded({ 0: "1", 1: id, length: 2 }), encoded(null)],
    ]);
    draft.query = [...draft.query.filter(([name]) => name !== "cursor"), ["cursor", made]];
  },
  function body(draft, { values }) {
    if (draft.body === undefined) return;
    draft.odd.push("body");
    draft.body = values.spoilt(draft.body);
  },
  function anyBody(draft, { random, values }) {
    draft.odd.push("any body");
    draft.headers["content-type"] ??= "application/json";
    draft.body = random.oneIn(2) ? values.odd() : values.spoilt({ service: "checkout" });
  },
  function brokenJson(draft, { random }) {
    draft.odd.push("broken JSON");
    draft.headers["content-type"] ??= "application/json";
    const whole = JSON.stringify(draft.body ?? { service: "checkout" });
    draft.rawBody = Buffer.from(
      random.of([
        ...[
          random.of(BROKEN),
          whole.slice(0, 1 + random.below(whole.length)),
          `${whole}${whole}`,
          `\ufeff${whole}`,
        ],
        ...["[".repeat(100_000), '{"a":'.repeat(50_000), `${"[".repeat(30_000)}${"]".repeat(30_000)}`, ""],
      ]),
    );
  },
  function brokenBytes(draft, { random }) {
    draft.odd.push("broken bytes");
    draft.headers["content-type"] ??= "application/json";
    const whole = Buffer.from(JSON.stringify(draft.body ?? { service: "checkout" }));
    whole[random.below(whole.length)] = random.of([0, 0xff, 0xc0, 0xed, 0x22, 0x5c]);
    draft.rawBody = whole;
  },
  function large(draft, { random }) {
    if (!random.oneIn(4)) return;
    draft.odd.push("large body");
    draft.headers["content-type"] ??= "application/json";
    draft.body = { service: "x".repeat(random.of([100_000, 262_100, 262_144, 300_000])) };
  },
  function contentType(draft, { random }) {
    draft.odd.push("content type");
    draft.headers["content-type"] = random.of(TYPES);
    draft.body ??= {};
  },
  function onceKey(draft, { random, values }) {
    draft.odd.push("Idempotency-Key");
    draft.headers["idempotency-key"] = headerText(
      random.of([...ONCE_KEYS, "once-1", "once-1", "once-2", values.oddText()]),
    );
  },
  function authorization(draft, { random, values, key, otherKeys }) {
    draft.odd.push("Authorization");
    const other = random.of(otherKeys);
    draft.headers.authorization = headerText(
      random.of([
        ...["", "Bearer", "Bearer ", `Basic ${btoa("a:b")}`, key, `Bearer ${key} `, `bearer  ${key}`],
        ...[`Bearer ${key.slice(0, -1)}`, `Bearer ${key}x`, `Bearer ${key}, Bearer ${key}`, `Bearer\t${key}`],
        ...[`Bearer ${other}`, `Bearer ${other}`, `Bearer ${other}`, `Bearer ${values.oddText()}`],
        ...[`Bearer ${"lh_".repeat(1_000)}`, `Bearer ${key.toLowerCase()}`],
      ]),
    );
  },
  function method(draft, { random }) {
    draft.odd.push("method");
    draft.method = random.of(METHODS);
  },
  function otherHeaders(draft, { random, values }) {
    draft.odd.push("headers");
    Object.assign(
      draft.headers,
      random.of([
        { accept: "text/html" },
        { "content-encoding": "gzip" },
        { "x-forwarded-for": "1.2.3.4" },
        { "x-http-method-override": "DELETE" },
        { host: "example.com:99999" },
        { host: "a b" },
        { host: "" },
        { host: "user@host" },
        { cookie: headerText(values.oddText()) },
        { "if-none-match": "*" },
        { range: "bytes=0-1" },
        { "transfer-encoding": "chunked" },
        { "x-request-id": headerText(values.oddText()) },
      ]),
    );
  },
  function cutOff(draft, { random }) {
    if (draft.body === undefined || !random.oneIn(3)) return;
    draft.odd.push("cut off");
    draft.isCutOff = true;
  },
];

function written({ path, query, rawQuery, body, rawBody, ...draft }: Draft): FuzzRequest {
  // What is cut off is so because it is shorter than it says.
  if (draft.isCutOff) delete draft.headers["transfer-encoding"];
  const pairs = query.map(([name, value]) => `${percent(name)}=${percent(value)}`);
  const search = [...pairs, ...(rawQuery === "" ? [] : [rawQuery])].join("&");
  const bytes = rawBody ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body) ?? ""));
  return {
    ...draft,
    target: `${path}${search === "" ? "" : `?${search}`}`,
    ...(bytes !== undefined && { body: bytes }),
  };
}

/** As encodeURIComponent, also for halves of surrogate pairs, which that refuses: as three bytes, which are no UTF-8. */
function percent(text: string): string {
  return text.replaceAll(/[\ud800-\udbff][\udc00-\udfff]|[\s\S]/g, (char) => {
    if (char.isWellFormed()) return encodeURIComponent(char);
    const code = char.charCodeAt(0);
    const bytes = [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
    return bytes.map((byte) => `%${byte.toString(16)}`).join("");
  });
}

/** What a header can hold of it. */
function headerText(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, "?").slice(0, 6_000);
}
