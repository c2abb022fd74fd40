import type { Level, ServiceRef } from "../../src/logs/source.ts";

/** What counts are kept by. */
export interface Series extends ServiceRef {
  level: Level | undefined;
}

/** Every service, namespace and level seen, each combination under a small number that blocks refer to. */
export class SeriesTable {
  readonly #ids = new Map<string, number>();
  readonly #series: Series[] = [];

  idOf({ service, namespace, level }: Series): number {
    // Names come out of log lines, so they may hold anything; a length in front keeps two from meeting.
    const key = `${service.length} ${service}${namespace} ${level}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#series.push({ service: ownCopy(service), namespace: ownCopy(namespace), level });
    this.#ids.set(ownCopy(key), this.#series.length - 1);
    return this.#series.length - 1;
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
