/** In a process of its own: so many wrong keys a second at an address, for so long. Prints how each was answered. */
import { randomUUID } from "node:crypto";
import { makeKey } from "../../src/keys/apiKey.ts";
import { createAsking } from "./asking.ts";

const [url = "", perSecond = "1000", seconds = "30"] = process.argv.slice(2);
const { ask, close } = createAsking(url, 200);
const endMs = performance.now() + Number(seconds) * 1_000;
const answers = new Map<number, number>();
let sent = 0;
let waiting = 0;
const fromMs = performance.now();
while (performance.now() < endMs) {
  const due = Math.floor(((performance.now() - fromMs) / 1_000) * Number(perSecond));
  for (; sent < due; sent++) {
    waiting++;
    ask("/key", makeKey(randomUUID()).raw)
      .then(({ status }) => answers.set(status, (answers.get(status) ?? 0) + 1))
      .catch(() => answers.set(0, (answers.get(0) ?? 0) + 1))
      .finally(() => waiting--);
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
}
while (waiting > 0) await new Promise((resolve) => setTimeout(resolve, 20));
close();
console.log(JSON.stringify({ sent, answers: Object.fromEntries(answers) }));
