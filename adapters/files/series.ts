import type { Level, ServiceRef } from "../../src/logs/source.ts";

/** What counts are kept by. */
export interface Series extends ServiceRef {
  level: Level | undefined;
}

/**
 * So many are told apart. Lines may name anything: 60 MB of them with a service each took 500 MB, and nobody runs so
 * many (a cluster of 5,000 services that write at four levels has 20,000).
 */
const MOST_SERIES = 50_000;

/** Every service, namespace and level seen, each combination under a small number that blocks refer to. */
export class SeriesTable {
  readonly #ids = new Map<string, number>();
  readonly #series: Series[] = [];
  #last = 0;

  /** Undefined where it would be one too many. */
  idOf({ service, namespace, level }: Series, most = MOST_SERIES): number | undefined {
    // Most lines are as the line before them, and to join a key takes longer than to compare.
    const last = this.#series[this.#last];
    if (last?.service === service && last.namespace === namespace && last.level === level) return this.#last;
    // Names come out of log lines, so they may hold anything; a length in front keeps two from meeting.
    const key = `${service.length} ${service}${namespace} ${level}`;
    const known = this.#ids.get(key);
    if (known === undefined && this.#series.length >= most) return undefined;
    this.#last = known ?? this.#series.length;
    if (known !== undefined) return known;
    this.#series.push({ service: ownCopy(service), namespace: ownCopy(namespace), level });
    this.#ids.set(ownCopy(key), this.#last);
    return this.#last;
  }

  /** Of what a file's path says, for lines whose own words are one too many: there are no more of these than files. */
  idOfPlace(place: ServiceRef, level: Level | undefined): number {
    return this.idOf({ ...place, level }, Number.POSITIVE_INFINITY) ?? 0;
  }

  at(id: number): Series {
    const series = this.#series[id];
    if (series === undefined) throw new RangeError(`no series ${id}`);
    return series;
  }
}

/** A slice of a line would hold on to the whole line for as long as it lives. */
export function ownCopy(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}
