import type { StandInLine } from "../loki/standIn.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Put together here, so that no scanner takes this file for a leak. None was ever real. */
const made = (...parts: string[]): string => parts.join("");

/** One secret of a kind for each place that one can come in by: where it comes out says by which it came in. */
export const CANARIES = {
  awsKeyInLine: made("AKIA", "Q3EG", "RTYLK7", "ZPW2XB"),
  passwordInLine: made("Rk9", "vTq2", "Wz71xLp"),
  addressPasswordInLine: made("h7Gd", "P0qWs", "82mZ"),
  jwtInLine: made(
    ...["eyJhbGciOiJIUzI1NiJ9", ".", "eyJzdWIiOiI3NzEyMyIsIm4iOiJrIn0", "."],
    "kY3vPq8sLw0ZxT6uJd2RfN1hBcE5gAoMiV7yQe9tKlU",
  ),
  personInLine: made("greta.lindqvist", "@", "customer-mail.net"),
  apiKeyInLookedUp: made("k4Yx", "81bQzR", "mWv03Ls6"),
  cardInLookedUp: made("4539", "1488", "0343", "6467"),
  passwordInQuestion: made("Zt5", "nHw83", "QxBv1c"),
  tokenInDeploy: made("ghp_", "aK3xQ9vLm2Zt7RwYc5", "Bn8Jd1Hf6Gs4PeUo0i"),
  stripeKeyInFeedback: made("sk_", "live_", "51HqT7rKx9Wm2ZbVn4", "Yc8Ld"),
} as const;

/** What must stand nowhere: the middle of each, so that a part of one is found as well. */
export const NEEDLES = Object.entries(CANARIES).map(([name, secret]) => ({
  name,
  needle: secret.slice(Math.max(0, Math.floor(secret.length / 2) - 5), Math.floor(secret.length / 2) + 5),
}));

/** A shop whose database ran out of sessions eight minutes ago, and whose logs say more than they should. */
export function brokenShop(nowMs: number): StandInLine[] {
  const lines: StandInLine[] = [];
  const every = (
    service: string,
    level: string,
    text: (n: number) => string,
    fromMs: number,
    stepMs: number,
  ) => {
    for (let atMs = fromMs, n = 0; atMs < nowMs; atMs += stepMs, n++)
      lines.push({
        labels: { service_name: service, level },
        atNs: BigInt(atMs) * 1_000_000n,
        text: text(n),
      });
  };
  const longAgoMs = nowMs - 110 * MINUTE;
  const beganMs = nowMs - 8 * MINUTE;
  every("orders-db", "info", () => "checkpoint complete", longAgoMs, 30 * SECOND);
  every("checkout", "info", (n) => `order ${10_000 + n} placed`, longAgoMs, 10 * SECOND);
  every("mailer", "error", mailerLine, longAgoMs, 20 * SECOND);
  every("orders-db", "fatal", databaseLine, beganMs, 4 * SECOND);
  every("checkout", "error", checkoutLine, beganMs + 4 * SECOND, 3 * SECOND);
  every(
    "billing",
    "error",
    () => "could not charge: checkout did not answer",
    beganMs + 9 * SECOND,
    7 * SECOND,
  );
  return lines;
}

const databaseLine = () =>
  `sorry, too many clients already: key ${CANARIES.awsKeyInLine} of ${CANARIES.personInLine}, password=${CANARIES.passwordInLine}`;
const checkoutLine = () =>
  `orders-db refused the connection to postgres://shop:${CANARIES.addressPasswordInLine}@orders-db:5432/orders with Authorization: Bearer ${CANARIES.jwtInLine}`;
const mailerLine = () =>
  `SMTP 450 mailbox unavailable, api_key="${CANARIES.apiKeyInLookedUp}" card ${CANARIES.cardInLookedUp}`;
