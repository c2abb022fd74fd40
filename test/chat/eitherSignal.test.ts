import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "@jest/globals";
import { eitherSignal } from "../../src/chat/eitherSignal.ts";

test("a time-out comes although nobody else holds it and memory is collected meanwhile", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const other = new AbortController();
  const either = eitherSignal(other.signal, AbortSignal.timeout(300));
  const collecting = setInterval(collect, 50);
  const aborted = new Promise<string>((resolve) =>
    either.addEventListener("abort", () => resolve("aborted"), { once: true }),
  );
  const late = new Promise<string>((resolve) => setTimeout(() => resolve("never"), 3_000).unref());
  expect(await Promise.race([aborted, late])).toBe("aborted");
  clearInterval(collecting);
});

test("the first of them counts, one that is aborted already too", () => {
  const [a, b] = [new AbortController(), new AbortController()];
  const either = eitherSignal(a.signal, b.signal);
  expect(either.aborted).toBe(false);
  b.abort(new Error("over"));
  expect(either.reason).toEqual(new Error("over"));
  expect(eitherSignal(a.signal, b.signal).aborted).toBe(true);
});
