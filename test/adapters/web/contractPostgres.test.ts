import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "@jest/globals";
import { createConsoleHistory } from "../../../src/console/history.ts";
import { chatPlatformContract } from "../../contract/chatPlatform.ts";
import { openTestTenants, type TestTenants } from "../../support/tenants.ts";
import { openWebHarness } from "./harness.ts";

let tenants: TestTenants;
beforeAll(async () => {
  tenants = await openTestTenants();
});
afterAll(() => tenants.close());

// As it runs: with the history in PostgreSQL, which takes other texts badly than memory does.
chatPlatformContract("web console on PostgreSQL", async (core) => {
  const externalId = randomUUID();
  await tenants.directory.connect({ platform: "web", externalId, workspaceName: "here", lokiOrgId: "here" });
  return openWebHarness(core, { history: createConsoleHistory(tenants.directory, "web", externalId) });
});
