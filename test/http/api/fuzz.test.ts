import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { runFuzz } from "../../../bench/apiFuzz/run.ts";
import { type FuzzStage, openFuzzStage } from "../../../bench/apiFuzz/stage.ts";
import { nameOf } from "../../support/api/document.ts";

/** Of each route some forty-five; `npm run bench:api-fuzz` asks more. */
const REQUESTS = 1_500;
const SEED = 5;

let stage: FuzzStage;
beforeAll(async () => {
  stage = await openFuzzStage();
});
afterAll(() => stage.close());

test(`whatever is sent, each route answers as the document says and never fails on our side (seed ${SEED})`, async () => {
  const { rows, faults } = await runFuzz({ ...stage, requests: REQUESTS, seed: SEED });
  expect(faults).toEqual([]);
  expect(stage.errors()).toEqual([]);
  // What only ever refuses was not tried.
  const answered = rows.filter(({ statuses }) => [200, 201, 202].some((status) => statuses.has(status)));
  expect(answered.map(({ route }) => route).sort()).toEqual(stage.document.operations.map(nameOf).sort());
});
