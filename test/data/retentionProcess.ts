/** Deletes what is past its retention, in a process of its own, for a test that kills it. Argument: the database. */
import { openDatabase } from "../../src/database.ts";
import { createLog } from "../../src/log.ts";
import { createRetention } from "../../src/retention.ts";
import { createDirectory } from "../../src/tenancy/directory.ts";

const log = createLog("silent");
const database = openDatabase({ url: process.argv[2] ?? "", log });
process.stdout.write("begins\n");
await createRetention({ directory: createDirectory(database), log, now: Date.now, pauseMs: 0 }).run();
process.stdout.write("ends\n");
await database.close();
