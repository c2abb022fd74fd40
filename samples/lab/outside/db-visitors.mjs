// Two ordinary nuisances of a shared database: an exporter with a stale password, an analyst who closes the laptop.
import pg from "pg";
import { between, every } from "../lib/misc.mjs";

const { EXPORTER_URL, ANALYST_URL } = process.env;

async function scrape() {
  const client = new pg.Client({ connectionString: EXPORTER_URL, application_name: "exporter" });
  await client.connect().catch(() => {});
}

async function analyse() {
  const client = new pg.Client({ connectionString: ANALYST_URL, application_name: "psql" });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("begin");
    await client
      .query("select channel, count(*), pg_sleep(0.4) from orders group by channel")
      .catch(() => {});
    await client.query("select emial from orders limit 10").catch(() => {});
  } catch {
    return;
  } finally {
    client.connection.stream.destroy();
  }
}

every(() => between(120_000, 180_000), scrape);
every(() => between(150_000, 260_000), analyse);
