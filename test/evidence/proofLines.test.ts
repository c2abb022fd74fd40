import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { proofLines } from "../../src/evidence/proofLines.ts";

const STACK = [
  "ERROR RenderService : Rendering report 2119 failed",
  "Error: cannot store 2119.pdf",
  "    at store (/srv/apps/renderer.mjs:30:11)",
  "    at render (/srv/apps/renderer.mjs:12:5)",
  "    at work (/srv/apps/pool.mjs:8:3)",
  "Caused by: Error: ENOSPC: no space left on device, write",
  "    at writeFile (node:fs:1:1)",
];

describe("the lines of a sample that prove most", () => {
  test("are all of it where it is short", () => {
    expect(proofLines("one\ntwo", 3)).toEqual(["one", "two"]);
  });

  test("hold the line that names the failure, however deep in the stack it stands", () => {
    expect(proofLines(STACK.join("\n"), 4)).toEqual([
      STACK[0],
      STACK[1],
      STACK[2],
      "… 2 more lines",
      STACK[5],
      "… 1 more line",
    ]);
  });

  test("are the sample's own, in order, and no more than asked for", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 10 }),
        (lines, max) => {
          const sample = lines.join("\n");
          const shown = proofLines(sample, max).filter((line) => !line.startsWith("… "));
          const own = sample.split("\n");

          expect(shown.length).toBeLessThanOrEqual(max);
          let from = 0;
          for (const line of shown) {
            from = own.indexOf(line, from) + 1;
            expect(from).toBeGreaterThan(0);
          }
        },
      ),
    );
  });
});
