/** What goes wrong with the next requests of a route. */
export type Fault =
  | { kind: "answer"; status: number; body?: unknown; headers?: Record<string, string> }
  /** Nothing is done, and nothing is ever said. */
  | { kind: "hang" }
  /** It is done, and the connection breaks before the answer. */
  | { kind: "lost answer" }
  /** The connection breaks before anything is done. */
  | { kind: "cut" };

export interface Faults {
  /** For the next so many requests whose method and path this matches. */
  order(route: RegExp, fault: Fault, times?: number): void;
  take(request: string): Fault | undefined;
}

export function createFaults(): Faults {
  const orders: { route: RegExp; fault: Fault; left: number }[] = [];
  return {
    order: (route, fault, times = 1) => {
      orders.push({ route, fault, left: times });
    },
    take(request) {
      const order = orders.find(({ route, left }) => left > 0 && route.test(request));
      if (order === undefined) return undefined;
      order.left--;
      return order.fault;
    },
  };
}

export function rateLimited(seconds: number, scope = "user"): Fault {
  return {
    kind: "answer",
    status: 429,
    body: { message: "You are being rate limited.", retry_after: seconds, global: scope === "global" },
    headers: {
      "retry-after": String(seconds),
      "x-ratelimit-scope": scope,
      ...(scope === "global" && { "x-ratelimit-global": "true" }),
    },
  };
}

export function refusedWith(status: number, code: number, message = "refused"): Fault {
  return { kind: "answer", status, body: { code, message } };
}
