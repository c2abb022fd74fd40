/**
 * One more instance for bench/scale.ts, in a process of its own: `node --import tsx bench/scaleScanner.ts <database> <loki>`. For
 * each time on a line of its standard input it scans up to then, and says {"ms","cpuMs","rssMb"}.
 */
import { createInterface } from "node:readline";
import { createLog } from "../src/log.ts";
import { openScanner } from "./scaleInstance.ts";

const [databaseUrl = "", address = ""] = process.argv.slice(2);
const instance = await openScanner({ databaseUrl, address, log: createLog("warn") });
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const measured = await instance.tick(Number(line));
  console.log(JSON.stringify(measured));
}
await instance.close();
