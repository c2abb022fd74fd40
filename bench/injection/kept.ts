import pg from "pg";
import type { Answer } from "../../src/analysis/answer.ts";
import type { Pack } from "../../src/evidence/pack.ts";

/** What the database holds, read past everything that binds the program. */
export interface Kept {
  /** Of each table: what is in it, as a digest. Two that differ: something in it has changed. */
  tables(): Promise<Map<string, string>>;
  /** The newest conversation, and the analysis it came to. */
  newest(): Promise<KeptAnswer>;
  clusters(): Promise<number>;
  /** Forgets what was asked and found: the next incident is the first. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

export interface KeptAnswer {
  state: string;
  pack: Pack;
  /** Of a model. */
  answer?: Answer;
  fence?: string;
  analysis?: { root_cause: string; summary: string; suggested_action: string | null; confidence: number };
}

export function openKept(databaseUrl: string): Kept {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  pool.on("error", () => undefined);
  return {
    async tables() {
      const { rows } = await pool.query<{ name: string }>(
        "select tablename as name from pg_tables where schemaname = 'public' order by 1",
      );
      const digests = new Map<string, string>();
      for (const { name } of rows) {
        const { rows: found } = await pool.query<{ digest: string }>(
          `select count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') as digest from public."${name}" t`,
        );
        digests.set(name, found[0]?.digest ?? "");
      }
      return digests;
    },
    async newest() {
      const { rows } = await pool.query<
        Omit<KeptAnswer, "analysis" | "answer" | "fence"> & {
          answer: Answer | null;
          fence: string | null;
          analysis_id: string | null;
        }
      >("select state, pack, answer, fence, analysis_id from conversations order by created_at desc limit 1");
      const row = rows[0];
      if (row === undefined) throw new Error("no conversation was kept");
      const { rows: analyses } = await pool.query<NonNullable<KeptAnswer["analysis"]>>(
        "select root_cause, summary, suggested_action, confidence from analysis_results where id = $1",
        [row.analysis_id],
      );
      return {
        state: row.state,
        pack: row.pack,
        ...(row.answer !== null && { answer: row.answer }),
        ...(row.fence !== null && { fence: row.fence }),
        ...(analyses[0] !== undefined && { analysis: analyses[0] }),
      };
    },
    async clusters() {
      const { rows } = await pool.query<{ count: number }>(
        "select count(*)::int as count from error_clusters",
      );
      return rows[0]?.count ?? 0;
    },
    async forget() {
      await pool.query(
        "truncate conversations, conversation_messages, analysis_results, error_clusters, deliveries, model_calls, feedback cascade",
      );
    },
    close: () => pool.end(),
  };
}
