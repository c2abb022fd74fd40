import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { request } from "undici";
import type { OpenConnection } from "./connection.ts";
import { failureOf, failureOfSocket, LokiFailure } from "./failure.ts";

/** One question to Loki's HTTP interface. https://grafana.com/docs/loki/latest/reference/loki-http-api/ */
export interface Question {
  /** The tenant's organisation, sent as X-Scope-OrgID and nowhere else. */
  org: string;
  /** After the connection's base, such as `/loki/api/v1/query_range`. */
  path: string;
  params: Readonly<Record<string, string>>;
}

/** A 2xx answer. */
export interface Answer {
  text: string;
  /** The server's clock when it answered, to the second; NaN where it does not say. */
  serverMs: number;
}

/** A query in a URL may be cut by what stands between; from here on it goes as a form. Loki itself takes 1 MiB. */
const LONGEST_URL = 2_000;
/** More than a full page of lines cut at their limit should ever be. */
const MOST_BYTES = 256 * 1024 * 1024;
const unzip = promisify(gunzip);

/**
 * Asks once. No retry, no limit but time and size.
 * @throws LokiFailure
 */
export async function exchange(
  connection: OpenConnection,
  { org, path, params }: Question,
  timeoutMs: number,
  now: () => number,
): Promise<Answer> {
  const query = new URLSearchParams(params).toString();
  const isLong = path.length + query.length > LONGEST_URL;
  const startedMs = now();
  try {
    const { statusCode, headers, body } = await request(
      `${connection.base}${path}${isLong || query === "" ? "" : `?${query}`}`,
      {
        dispatcher: connection.dispatcher,
        method: isLong ? "POST" : "GET",
        ...(isLong && { body: query }),
        headers: {
          ...connection.headers,
          ...(isLong && { "content-type": "application/x-www-form-urlencoded" }),
          "x-scope-orgid": org,
          // Not a catch-all: Loki would take it for a wish for protobuf.
          accept: "application/json",
          "accept-encoding": "gzip",
          // Without it structured metadata and parsed fields come mixed with the labels of the stream.
          "x-loki-response-encoding-flags": "categorize-labels",
        },
        signal: AbortSignal.timeout(timeoutMs),
      },
    );
    const bytes = await readAll(body);
    const text = (headers["content-encoding"] === "gzip" ? await unpack(bytes) : bytes).toString("utf8");
    if (statusCode >= 200 && statusCode < 300) return { text, serverMs: Date.parse(String(headers.date)) };
    throw failureOf(statusCode, text);
  } catch (error) {
    if (error instanceof LokiFailure) throw error;
    if (error instanceof DOMException && error.name === "TimeoutError") {
      throw new LokiFailure("timeout", "", { cause: error });
    }
    throw failureOfSocket(error, now() - startedMs);
  }
}

/** Lines that repeat themselves are packed to a thousandth: their size counts as it will be held. */
async function unpack(bytes: Buffer): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw new LokiFailure("too large", "");
    throw error;
  }
}

async function readAll(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new LokiFailure("too large", "");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
