import { UserError } from "../../src/errors.ts";
import { sampleOf } from "../../src/logs/redaction.ts";

/**
 * What went wrong with a query, told apart by what helps. `busy`, `starting`, `unreachable` and `server` may pass
 * by themselves; `timeout` and `too large` pass for a smaller question; the rest stays until somebody changes it.
 */
export type FailureKind =
  | "busy"
  | "starting"
  | "unreachable"
  | "server"
  | "timeout"
  | "too large"
  | "too many series"
  | "query"
  | "limit"
  | "blocked"
  | "disabled"
  | "no org"
  | "refused"
  | "certificate"
  | "not found"
  | "garbled";

const PASSES: ReadonlySet<FailureKind> = new Set(["busy", "starting", "unreachable"]);
const NARROWER_HELPS: ReadonlySet<FailureKind> = new Set(["timeout", "too large"]);

/** A query that Loki did not answer. Its message is Loki's own, redacted: error texts quote log lines and labels. */
export class LokiFailure extends Error {
  override readonly name = "LokiFailure";
  readonly kind: FailureKind;
  readonly status: number | undefined;

  constructor(kind: FailureKind, text: string, options: { status?: number; cause?: unknown } = {}) {
    // On one line: it becomes part of a sentence.
    const message = sampleOf(withoutPrefix(text), MESSAGE_CHARS).replace(/\s*\n\s*/g, " ");
    super(message, options.cause === undefined ? {} : options);
    this.kind = kind;
    this.status = options.status;
  }

  /** Whether the same query may be answered a moment later. A `server` error is tried once more: Loki itself retried it. */
  mayPass(tries: number): boolean {
    return PASSES.has(this.kind) || (this.kind === "server" && tries === 1);
  }

  get narrowerHelps(): boolean {
    return NARROWER_HELPS.has(this.kind);
  }

  /** For the person who asked: what it means and what to do. */
  toUserError(): UserError {
    return new UserError(this.#sentence(), { cause: this });
  }

  #sentence(): string {
    const said = this.message === "" ? "" : ` It said: ${this.message}`;
    switch (this.kind) {
      case "busy":
        return "Loki has too many queries waiting. Try again in a minute, or ask for a shorter time.";
      case "starting":
        return "Loki is starting or stopping. Try again in a minute.";
      case "unreachable":
        return "Loki does not answer. Check that it runs and that LOKI_URL is right; nothing is lost meanwhile.";
      case "server":
        return `Loki failed.${said}`;
      case "timeout":
        return "Loki took too long. Ask for a shorter time (since:15m), or for one service.";
      case "too large":
        return "That is more than Loki may read or send at once. Ask for a shorter time, or for one service.";
      case "too many series":
        return "Loki counts no more services at once than its limit lets it. Ask for one service, or have max_query_series raised.";
      case "query":
        return `Loki cannot read that query.${said}`;
      case "limit":
        return `A limit of Loki stands against it.${said}`;
      case "blocked":
        return "Loki's operator has blocked this kind of query. Ask for less at once, or ask them.";
      case "disabled":
        return `Loki has this switched off.${said}`;
      case "no org":
        return "Loki wants an organisation and got none it takes. An admin connects this workspace with: connect <loki org id>.";
      case "refused":
        return "Loki, or the gateway before it, refuses LogHunter's credentials. Check LOKI_USERNAME and LOKI_PASSWORD, or LOKI_TOKEN.";
      case "certificate":
        return "Loki's certificate, or LogHunter's own, is not accepted. Check LOKI_CA_FILE, LOKI_CERT_FILE and LOKI_KEY_FILE, and that LOKI_URL has the name the certificate is for.";
      case "not found":
        return "There is no Loki at LOKI_URL: its address is wrong, often in the path before /loki/api.";
      case "garbled":
        return "What answers at LOKI_URL is not Loki, or its answer was cut off. Check the address and what stands between.";
    }
  }
}

/** As much of what Loki said as helps. */
const MESSAGE_CHARS = 300;

function withoutPrefix(text: string): string {
  return text.replace(/^(?:rpc error: code = \S+ desc = )+/, "").trim();
}

/** By the beginning of the text, since one status stands for many things. Texts: Loki 3.7, as recorded in test/fixtures/loki. */
const TEXTS: readonly (readonly [RegExp, FailureKind])[] = [
  [/^no org id|tenant ID (?:'|is )|^multiple org IDs/i, "no org"],
  [/too many outstanding requests/i, "busy"],
  [/querying is disabled/i, "disabled"],
  [/is not enabled/i, "disabled"],
  [/^query blocked by policy/i, "blocked"],
  // Of counts, and of volumes: https://github.com/grafana/loki/blob/main/pkg/storage/stores/index/seriesvolume/volume.go
  [/max(?:imum)? number of series/i, "too many series"],
  [/would read too many bytes|exceeded the maximum bytes|response (?:larger|too large)/i, "too large"],
  [/request timed out|context deadline exceeded|query timed out/i, "timeout"],
  // A parameter that is wrong, and no limit of anybody's.
  [/^limit must be/i, "query"],
  [/limit|exceed|missing required matchers|too long|maximum resolution|stream matchers/i, "limit"],
];

/** @param text the body of an answer that is not 2xx */
export function failureOf(status: number, text: string): LokiFailure {
  const body = withoutPrefix(text);
  return new LokiFailure(kindOf(status, body), body, { status });
}

function kindOf(status: number, body: string): FailureKind {
  const known = TEXTS.find(([pattern]) => pattern.test(body))?.[1];
  switch (status) {
    case 400:
      return /^parse error|^pipeline error/i.test(body) ? "query" : (known ?? "query");
    case 401:
      return known ?? "refused";
    case 403:
      return "refused";
    case 404:
      return body === "not found" ? "disabled" : "not found";
    case 405:
      // Loki takes both methods we use: something before it does not.
      return "garbled";
    case 408:
    case 504:
      return "timeout";
    case 413:
      return "too large";
    case 414:
    case 431:
      return "limit";
    case 429:
      return known === "disabled" ? "disabled" : "busy";
    case 502:
      return "unreachable";
    case 503:
      return "starting";
    default:
      if (status >= 500) return known ?? "server";
      return status >= 300 && status < 400 ? "not found" : "query";
  }
}

/** A socket that ended without an answer: after Loki's write time-out (30 s as shipped) it means that the query was too slow. */
export function failureOfSocket(cause: unknown, afterMs: number): LokiFailure {
  const code = codeOf(cause);
  if (CERTIFICATE.test(code)) return new LokiFailure("certificate", "", { cause });
  const isLate = afterMs >= CUT_AFTER_MS || /UND_ERR_(?:HEADERS|BODY)_TIMEOUT|ETIMEDOUT/.test(code);
  return new LokiFailure(isLate ? "timeout" : "unreachable", "", { cause });
}

/** Node's codes of TLS: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE = /CERT|\bERR_SSL|\bERR_TLS|UNABLE_TO_(?:VERIFY|GET_ISSUER)/;

/** Loki's http_server_write_timeout is 30 s unless set; a gateway's may be less. */
const CUT_AFTER_MS = 9_000;

/** The system's names of what went wrong, of the error and of what caused it. */
function codeOf(cause: unknown): string {
  if (typeof cause !== "object" || cause === null) return "";
  const { code, cause: deeper } = cause as { code?: unknown; cause?: unknown };
  return `${typeof code === "string" ? code : ""} ${codeOf(deeper)}`;
}
