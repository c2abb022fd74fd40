import { expect, test } from "@jest/globals";
import { atStart } from "../../src/chat/shownName.ts";

test("whoever sits at the web console has a capital where a sentence begins, and names stay as they are", () => {
  expect(["you", "ann", "Bo"].map(atStart)).toEqual(["You", "ann", "Bo"]);
});
