import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createScriptedCore } from "../../support/scriptedCore.ts";
import { type OpenWeb, openWeb } from "./harness.ts";

const core = createScriptedCore();
let web: OpenWeb;
beforeAll(async () => {
  web = await openWeb(core);
});
afterAll(() => web.platform.stop());

describe("completion", () => {
  const complete = async (line: string) =>
    (await (await web.get(`/complete?channel=logs&line=${encodeURIComponent(line)}`)).json()) as {
      from: number;
      candidates: { insert: string }[];
    };
  const written = async (line: string) => {
    const { from, candidates } = await complete(line);
    return candidates.map(({ insert }) => line.slice(0, from) + insert);
  };

  test.each([
    ["/", "/loghunter help "],
    ["/log", "/loghunter help "],
    ["/ana", "/loghunter analyze "],
    ["/loghunter err", "/loghunter errors "],
    ["/loghunter analyze checkout si", "/loghunter analyze checkout since:"],
    ["/loghunter analyze che", "/loghunter analyze checkout "],
    ["/loghunter analyze service:che", "/loghunter analyze service:checkout "],
    ['/loghunter analyze "eu c', '/loghunter analyze "eu checkout" '],
    ["/fil", "/loghunter filters save "],
    ["/loghunter filters", "/loghunter filters list"],
    ["/loghunter filters s", "/loghunter filters save "],
    ["/loghunter filters save slow se", "/loghunter filters save slow service:"],
    ["/loghunter filters save slow service:ch", "/loghunter filters save slow service:checkout "],
  ])("of %s goes on to %s", async (line, expected) => {
    core.suggestions = ["checkout", "eu checkout"];
    expect(await written(line)).toContain(expected);
  });

  test("of a name with quotes in it is typed so that it stays one word", async () => {
    core.suggestions = ['the "new" worker'];
    expect(await written("/loghunter analyze the")).toEqual(['/loghunter analyze `the "new" worker` ']);
  });

  test("of a command's name of two words needs no quotes", async () => {
    core.suggestions = ["filters list", "filters save"];
    expect(await written("/loghunter help filters s")).toEqual(["/loghunter help filters save "]);
  });

  test("of other text is nothing", async () => {
    expect(await written("hello")).toEqual([]);
    expect(await written("/unknown thing")).toEqual([]);
  });
});
