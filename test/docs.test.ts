import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Command } from "commander";
import { globSync } from "tinyglobby";
import { commandsUnder, findCommand } from "../src/chat/command.ts";
import { plainText } from "../src/chat/plainText.ts";
import { createProgram } from "../src/cli/program.ts";
import { createCatalogue } from "../src/commands/index.ts";
import { SETTINGS } from "../src/settings/settings.ts";
import { createLinesSource, lineAt } from "./support/linesSource.ts";
import { openTestApp, type TestApp } from "./support/testApp.ts";

const root = new URL("../", import.meta.url);
const pages = globSync(["*.md", "docs/**/*.md", "samples/*.md"], { cwd: root.pathname })
  .filter((page) => page !== "CHANGELOG.md")
  .map((page) => ({ page, text: readFileSync(new URL(page, root), "utf8") }));
const ADMIN = { platformAdmin: true };

/** Lines of code blocks, and code within sentences, each with the page it is on. */
const code = pages.flatMap(({ page, text }) => {
  const blocks = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "");
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
  const lines = blocks.flatMap((block) => block.replaceAll("\\\n", " ").split("\n"));
  return [...lines, ...spans].map((one) => ({ page, code: one.trim().replace(/\s+# .*$/, "") }));
});
const distinct = (found: typeof code) => [...new Map(found.map((one) => [one.code, one])).values()];

describe("links", () => {
  test.each(pages.map(({ page, text }) => [page, text]))("of %s lead somewhere", (page = "", text = "") => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
    for (const link of links.filter((each) => !/^(https?|mailto):/.test(each))) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? new URL(page, root) : new URL(path, new URL(page, root));
      expect([link, existsSync(target)]).toEqual([link, true]);
      if (anchor !== undefined && target.pathname.endsWith(".md"))
        expect([link, anchorsOf(readFileSync(target, "utf8"))]).toEqual([
          link,
          expect.arrayContaining([anchor]),
        ]);
    }
  });
});

test(".env.example has every setting, in the order of docs/configuration.md, and no other", () => {
  const example = readFileSync(new URL(".env.example", root), "utf8");
  const named = [...example.matchAll(/^# ([A-Z_\d]+)=/gm)].map(([, name]) => name);
  expect(named).toEqual(Object.values(SETTINGS).map(({ name }) => name));
});

describe("commands of a chat", () => {
  const catalogue = createCatalogue({} as Parameters<typeof createCatalogue>[0]);
  const names = new Set(catalogue.flatMap(({ name }) => [name, name.split(" ")[0] as string]));
  const commands = distinct(
    code
      // Tables that programs print are not typed.
      .filter(({ page }) => page !== "docs/benchmarks.md")
      .map(({ page, code: one }) => ({ page, code: one.replace(/^(\/loghunter|@LogHunter) /, ""), one }))
      // As Discord calls a command that has others beside it.
      .map((each) => (each.code === "tenant show" ? { ...each, code: "tenant" } : each))
      .filter(({ code: typed, one }) => {
        const [first = "", second = ""] = typed.split(" ");
        const isCalled = /^\/loghunter [a-z]/.test(one) && !one.includes("failed with");
        return (
          isCalled || names.has(`${first} ${second}`) || (names.has(first) && /^[a-z]+( |$)/.test(typed))
        );
      })
      // Words of a sentence, an option of the command line, a form of Prometheus'.
      .filter(({ code: typed }) => !/ --|[={}]|^(status|deploy)\b.*[.(]/.test(typed)),
  );
  /** Others name a command, or show the form of it. */
  const isFilled = ({ code: typed }: { code: string }) =>
    !names.has(typed) && !/[<>[\]…|]|\.\.\./.test(typed);

  let t: TestApp;
  beforeAll(async () => {
    const atMs = Date.now() - 60_000;
    const services = ["checkout", "payments", "report-api", "profile", "orders", "order worker"];
    const lines = services.flatMap((service) =>
      Array.from({ length: 20 }, (_, n) =>
        lineAt(atMs - n * 1_000, "connection refused to orders-db", { service, level: "ERROR" }),
      ),
    );
    t = await openTestApp({ logs: createLinesSource(lines) });
  });
  afterAll(() => t.close());

  test("are found in the pages", () => {
    expect(commands.filter(isFilled).length).toBeGreaterThan(50);
  });

  test.each(commands.filter((each) => !isFilled(each)).map(({ code: typed, page }) => [typed, page]))(
    "%s of %s is a form of one that is there",
    (typed = "") => {
      const words = typed.split(" ").filter((word) => /^[a-z]/.test(word));
      const isThere =
        names.has(words[0] ?? "") &&
        (words.length === 1 || commandsUnder(catalogue, words[0] ?? "").length === 0);
      if (!isThere) expect(() => findCommand(catalogue, words.slice(0, 2).join(" "))).not.toThrow();
    },
  );

  test("are understood, each as it is written", async () => {
    const refused: string[] = [];
    for (const { code: typed, page } of commands.filter(isFilled)) {
      const { reply } = await t.chat.type(typed, ADMIN);
      const said = reply.kind === "message" ? plainText(reply.card) : reply.kind;
      if (/There is no command|There is no option|Usage: | goes on with /.test(said) && !/^help /.test(typed))
        refused.push(`${page}: ${typed} -> ${said.slice(0, 200)}`);
    }
    expect(refused).toEqual([]);
  });
});

describe("commands of a shell", () => {
  const { scripts } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
    scripts: Record<string, string>;
  };
  const program = createProgram({ version: "0" } as Parameters<typeof createProgram>[0]);

  test("of npm are there", () => {
    const run = distinct(code).flatMap(({ page, code: one }) =>
      [...one.matchAll(/\bnpm run (?:-s |--silent )?([\w:-]+)/g)].map(([, script = ""]) => ({
        page,
        script,
      })),
    );
    expect(run.length).toBeGreaterThan(10);
    expect(run.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
  });

  test("of the command line are there, with their options", () => {
    const typed = distinct(code).flatMap(({ page, code: one }) => {
      const [, words] =
        /(?:^|npx |\d{4}@\S+ )(?:loghunter|npm run -s loghunter --) +([^|]+)$/.exec(one) ?? [];
      return words === undefined ? [] : [{ page, one, words: words.split(/\s+/) }];
    });
    expect(typed.length).toBeGreaterThan(15);
    const unknown = typed.filter(({ words }) => !isCommand(program, words));
    expect(unknown.map(({ page, one }) => `${page}: ${one}`)).toEqual([]);
  });
});

function isCommand(program: Command, words: readonly string[]): boolean {
  const names = words.filter((word) => /^[a-z]/.test(word));
  const first = program.commands.find((each) => each.name() === names[0]);
  const under = first?.commands.find((each) => each.name() === names[1]);
  const known = [...program.options, ...(first?.options ?? []), ...(under?.options ?? [])];
  const options = words.filter((word) => word.startsWith("--")).map((word) => word.split("=")[0]);
  const isHelp = options.some((option) => ["--help", "--version"].includes(option ?? ""));
  return (
    (first !== undefined || isHelp) &&
    options.every((option) => ["--help"].includes(option ?? "") || known.some(({ long }) => long === option))
  );
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
