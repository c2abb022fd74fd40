/** What a series is made of. */
export interface DetectorOptions {
  /** Seconds between two buckets, 60 to 3,600: 60, 300 and 3600 were measured. */
  stepSeconds: number;
  /** Lines counted in each bucket; lines (or requests, bytes) per time in any unit; or a part of something. */
  kind: "count" | "rate" | "ratio";
  /** The score at which the first severity begins; 0.3 (two weeks) as shipped, more is quieter. */
  sensitivity?: number;
}
