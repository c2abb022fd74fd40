import { expect, test } from "@jest/globals";
import { providerAt } from "../../../src/models/asking/provider.ts";
import { failureOfSocket } from "../../../src/models/asking/socket.ts";

const provider = providerAt("vLLM", { key: "VLLM_API_KEY", baseUrl: "VLLM_BASE_URL" }, "http://gpu:8000/v1");

/** Those that a test on loopback cannot bring about. */
test.each([
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "refused", /certificate/],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "refused", /certificate/],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "refused", /certificate/],
  ["CERT_HAS_EXPIRED", "refused", /certificate/],
  ["HPE_INVALID_CONSTANT", "refused", /protocol/],
  ["ENOTFOUND", "later", /looked up/],
  ["EAI_AGAIN", "later", /looked up/],
  ["ETIMEDOUT", "later", /cannot be reached/],
  ["UND_ERR_CONNECT_TIMEOUT", "later", /cannot be reached/],
  ["EHOSTUNREACH", "later", /cannot be reached/],
  ["ECONNRESET", "later", /broke/],
  ["UND_ERR_SOCKET", "later", /broke/],
])("takes %s for %s", (code, outcome, why) => {
  const deep = new Error("secret", { cause: Object.assign(new Error("connect 10.0.0.1"), { code }) });
  const several = Object.assign(new AggregateError([Object.assign(new Error("x"), { code })]));
  for (const error of [deep, several]) {
    const failure = failureOfSocket(error, provider);
    expect(failure).toMatchObject({ outcome, why: expect.stringMatching(why) });
    expect(failure.why).not.toMatch(/secret|10\.0\.0\.1/);
  }
});

test.each([
  ["EAI_AGAIN", /^OpenAI cannot be reached from this machine: its name cannot be looked up\. Check its DNS/],
  ["ECONNREFUSED", /^OpenAI cannot be reached from this machine\. Check its DNS/],
  ["ETIMEDOUT", /^OpenAI cannot be reached from this machine\. Check its DNS/],
])("names no setting that nobody set where its maker's own address cannot be reached: %s", (code, why) => {
  const settings = { key: "OPENAI_API_KEY", baseUrl: "OPENAI_BASE_URL" };
  const home = providerAt("OpenAI", settings, "https://api.openai.com/v1", true);
  const failure = failureOfSocket(Object.assign(new Error("x"), { code }), home);
  expect(failure).toMatchObject({ outcome: "later", why: expect.stringMatching(why) });
  expect(failure.why).not.toContain("OPENAI_BASE_URL");
});

test("makes do with what is no error", () => {
  for (const error of [undefined, null, "x", 1])
    expect(failureOfSocket(error, provider).outcome).toBe("later");
});
