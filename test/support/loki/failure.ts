/** An answer that is not 200, thrown from wherever it is found out. Bodies are the recorded texts. */
export class LokiFailure extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

export function badRequest(text: string): LokiFailure {
  return new LokiFailure(400, text);
}

/** A parse error without a position, as of templates, regular expressions and whole-query rules. */
export function parseError(text: string): LokiFailure {
  return badRequest(`parse error : ${text}`);
}

export function parseErrorAt(line: number, col: number, text: string): LokiFailure {
  return badRequest(`parse error at line ${line}, col ${col}: ${text}`);
}

/** What Loki can and the stand-in cannot: loud, and no status that Loki itself would use here. */
export function unknownHere(what: string): LokiFailure {
  return new LokiFailure(501, `the stand-in for Loki does not know ${what}`);
}
