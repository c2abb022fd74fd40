/** Where a page of rows ended that are listed by a time and their id, the latest first. */
export interface PageEnd {
  /** Microseconds since 1970, as PostgreSQL counts them: a number here could not hold them all. */
  atUs: string;
  id: string;
}

/** SQL of a page of rows: what it reads, after what, and in which order. */
export interface PageSql {
  /** Reads the end of a page, by the name `at_us`, beside the id. */
  column: string;
  /**
   * PostgreSQL plans each statement that has no name with its values: of an end that is absent nothing is left to ask.
   * @param atUs, id places of `pageEndValues`: `$4`, `$5`
   */
  after(atUs: string, id: string): string;
  order: string;
}

/** @param time the column of the time; @param id that of the id */
export function pagesBy(time: string, id = "id"): PageSql {
  return {
    column: `(extract(epoch from ${time}) * 1000000)::bigint::text as at_us`,
    after: (atUs, endId) => `\
(${atUs}::bigint is null or
  (${time}, ${id}) < (timestamptz 'epoch' + ${atUs}::bigint * interval '1 microsecond', ${endId}::uuid))`,
    order: `${time} desc, ${id} desc`,
  };
}

export function pageEndValues(end: PageEnd | undefined): [string | null, string | null] {
  return [end?.atUs ?? null, end?.id ?? null];
}
