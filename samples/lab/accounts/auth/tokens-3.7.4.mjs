import { createHmac } from "node:crypto";

const { SIGNING_KEY } = process.env;
const sign = (payload) => createHmac("sha256", SIGNING_KEY).update(payload).digest("base64url");

export function issue({ email, sessionId }) {
  const claims = {
    sub: email,
    sid: sessionId,
    iss: "https://login.example.com",
    exp: Date.now() + 3_600_000,
  };
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${payload}.${sign(payload)}`;
}

/** The claims of a good token, undefined for any other. */
export function verify(token) {
  const [payload, signature] = token.split(".");
  if (signature !== sign(payload)) return undefined;
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  if (claims.iss !== "https://login.example.com" || claims.exp < Date.now()) return undefined;
  return claims;
}
