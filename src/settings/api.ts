import { z } from "zod";
import { whyNoRange } from "../http/clientAddress.ts";
import { address, list } from "./values.ts";

/** The HTTP API and its keys. */
export const API_SETTINGS = {
  apiUrl: {
    name: "API_URL",
    unset: "HTTP_PUBLIC_URL, else where the server listens",
    description: "Address of the HTTP API as its users reach it, without /v1 ([docs/api.md](docs/api.md))",
    schema: address,
  },
  apiRequestsPerMinute: {
    name: "API_REQUESTS_PER_MINUTE",
    unset: "`120`",
    description:
      "Requests of one API key in any 60 seconds, on all instances together where they share a Redis",
    schema: z.coerce.number().int().min(1).max(1_000_000),
  },
  httpTrustedProxies: {
    name: "HTTP_TRUSTED_PROXIES",
    unset: "none",
    description:
      "Proxies before the HTTP server, as addresses and ranges: `10.0.0.0/8, fd00::/8`. What they say in `X-Forwarded-For` counts as the client's address",
    schema: list.superRefine((ranges, ctx) => {
      for (const message of ranges.map(whyNoRange))
        if (message !== undefined) ctx.addIssue({ code: "custom", message });
    }),
  },
  keyHashCost: {
    name: "KEY_HASH_COST",
    unset: "`12`",
    description:
      "bcrypt's cost of an API key that is made, as its logarithm: 12 takes about a quarter of a second",
    schema: z.coerce.number().int().min(10).max(15),
  },
} as const;
