// Moves finished reports to the object store and then deletes them here.
import { readdir, readFile, stat, statfs, unlink } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { call } from "../lib/http.mjs";
import { logfmt } from "../lib/log.mjs";
import { every, onStop, sleep } from "../lib/misc.mjs";

const { OUT_DIR, DATABASE_URL, STORE_URL } = process.env;
const KEEP_MS = 20_000;
const log = logfmt();
const pool = new pg.Pool({ connectionString: DATABASE_URL, application_name: "archiver", max: 2 });
pool.on("error", (error) => log.error("idle database client failed", { err: error.message }));

const objectKey = (file) => `reports/${decodeURIComponent(file).replaceAll("_", " ")}`;

async function upload(file) {
  const key = objectKey(file);
  const { length } = await readFile(join(OUT_DIR, file));
  for (let attempt = 1; ; attempt++) {
    try {
      await call("object-store", `${STORE_URL}/objects`, { method: "POST", body: { key, length } });
      log.info("uploaded", { key, bytes: length, attempt });
      return;
    } catch (error) {
      log.warn("upload failed, trying again", { key, attempt, err: error.message });
      if (attempt === 4) throw error;
      await sleep(200 * attempt);
    }
  }
}

async function sweep() {
  const began = performance.now();
  const due = [];
  for (const file of await readdir(OUT_DIR)) {
    const { mtimeMs } = await stat(join(OUT_DIR, file)).catch(() => ({ mtimeMs: Date.now() }));
    if (file.endsWith(".pdf") && Date.now() - mtimeMs > KEEP_MS) due.push({ file, mtimeMs });
  }
  due.sort((a, b) => a.mtimeMs - b.mtimeMs);
  for (const { file } of due) await upload(file);
  for (const { file } of due) await unlink(join(OUT_DIR, file));
  const ids = due.map(({ file }) => file.split("-")[0]);
  await pool.query(
    `update reports set status = 'archived', input = null, preview = null where id = any($1)`,
    [ids],
  );
  log.info("sweep done", {
    archived: due.length,
    dur_ms: Math.round(performance.now() - began),
    volume_used: await used(),
  });
}

async function used() {
  const { blocks, bavail } = await statfs(OUT_DIR);
  return `${Math.round((1 - bavail / blocks) * 100)}%`;
}

log.info("archiver started", { dir: OUT_DIR, database: DATABASE_URL, store: STORE_URL });
onStop(() => log.info("archiver stopping"));
await every(15_000, async () => {
  try {
    await sweep();
  } catch (error) {
    log.error("sweep aborted", { err: `${error.name}: ${error.message}`, volume_used: await used() });
  }
});
