import { randomBytes } from "node:crypto";
import { readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serve } from "../lib/http.mjs";
import { spring } from "../lib/log.mjs";
import { between, chance, onStop, sleep } from "../lib/misc.mjs";

const { PORT, OUT_DIR, VERSION } = process.env;
const log = spring("c.e.reports.RenderService");
let jobs = 0;

class TemplateError extends Error {
  name = "TemplateError";
}

function layOut(kind) {
  if (kind === "audit" && chance(0.1)) throw new TemplateError('section 3 "Findings" has no data series');
  const pages = Math.ceil(between(3, 14));
  return { pages, bytes: randomBytes(pages * between(38_000, 54_000)) };
}

async function store(reportId, title, bytes) {
  const name = `${reportId}-${title.replaceAll(" ", "_")}.pdf`;
  const unfinished = join(OUT_DIR, `${name}.part`);
  try {
    await writeFile(unfinished, bytes);
    await rename(unfinished, join(OUT_DIR, name));
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw new Error(`cannot store ${name}`, { cause });
  }
  return name;
}

async function render({ body: { reportId, title, kind } }) {
  const thread = `render-${(jobs++ % 4) + 1}`;
  const began = performance.now();
  try {
    const { pages, bytes } = layOut(kind);
    if (chance(0.03))
      log.warn(
        thread,
        `Font 'Frutiger LT' not found for report ${reportId}, falling back to 'Liberation Sans'`,
      );
    await sleep(pages * between(8, 22));
    const name = await store(reportId, title, bytes);
    log.info(
      thread,
      `Rendered report=${reportId} file=${name} pages=${pages} bytes=${bytes.length} in ${Math.round(performance.now() - began)} ms`,
    );
    return { status: 201, body: { name, bytes: bytes.length } };
  } catch (error) {
    log.error(thread, `Rendering report ${reportId} failed`, error);
    if (error instanceof TemplateError) return { status: 422, body: { error: error.message } };
    return { status: 500, body: { error: error.message } };
  }
}

async function send({ params: [reportId] }) {
  const thread = `files-${(jobs++ % 2) + 1}`;
  const name = (await readdir(OUT_DIR)).find(
    (file) => file.startsWith(`${reportId}-`) && file.endsWith(".pdf"),
  );
  if (name === undefined) {
    log.info(thread, `Report ${reportId} is not here any more, the archive has it`);
    return { status: 410, body: { error: "archived" } };
  }
  const { size } = await stat(join(OUT_DIR, name));
  log.info(thread, `Sent ${name} (${size} bytes)`);
  return { status: 200, body: { name, size } };
}

serve({
  port: PORT,
  routes: [
    ["POST", /^\/render$/, render],
    ["GET", /^\/files\/(\d+)$/, send],
  ],
  done() {},
  failed(_call, error) {
    log.error("main", "Unexpected", error);
    return { status: 500, body: { error: error.message } };
  },
});

log.info("main", `Started RenderService ${VERSION} on port ${PORT}, output in ${OUT_DIR}`);
onStop(() => log.info("shutdown", "Stopping"));
