/** A chart as plain data: small enough to be kept in a card, drawn when a card is sent (`draw.ts`). */
export interface Chart {
  title: string;
  /** What the numbers are, for the axis: "errors / min". */
  unit: string;
  fromMs: number;
  stepMs: number;
  /** One number a step; null where nothing is known (a gap, drawn as one). */
  values: (number | null)[];
  /** What is normal, step by step, drawn as a band behind the line. As long as `values`. */
  band?: { low: (number | null)[]; high: (number | null)[] };
  /** Spans that are not normal, shaded. */
  anomalies?: { fromMs: number; toMs: number; label?: string }[];
  /** Vertical marks: deploys, the onset, the moment that somebody asked about. */
  marks?: { atMs: number; label: string; kind: "deploy" | "onset" | "asked" }[];
  /** The reader's time zone (IANA); UTC where unknown. The axis names the zone it shows. */
  zone?: string;
}

/** PNG bytes of a chart. */
export type DrawChart = (chart: Chart, look: "light" | "dark") => Promise<Uint8Array>;
