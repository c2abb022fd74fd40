import { logSourceContract } from "../../contract/logSource.ts";
import { openFolder } from "./folder.ts";

/** Over three files, as they come: one in each is out of order, and a file has lines of several services. */
logSourceContract("files", async (lines) => {
  const folder = await openFolder();
  for (const file of [0, 1, 2]) {
    const own = lines.filter((_, index) => index % 3 === file);
    await folder.write(`part${file}.log`, own.map(({ text }) => `${text}\n`).join(""));
  }
  const source = await folder.open();
  return {
    source,
    org: "local",
    async close() {
      await folder.close();
    },
  };
});
