import { describe, expect, test } from "@jest/globals";
import { withoutForeignLinks } from "../../src/analysis/grounding/links.ts";

const left = (text: string) => withoutForeignLinks(text, ["grafana.example.com"]);

describe("of an address elsewhere nothing is left but a broken host", () => {
  test.each([
    "https://evil.example/leak?d=1",
    "https://evil.example?@grafana.example.com/leak",
    "https://evil.example#@grafana.example.com/leak",
    "https://evil.example\\@grafana.example.com/leak",
    "https://grafana.example.com@evil.example/leak",
    "https://grafana.example.com:x@y@evil.example/leak",
    "https://evil.example/https://grafana.example.com/leak",
    "_https://evil.example/leak",
    "0https://evil.example/leak",
    "https:evil.example/leak",
    "HTTPS:evil.example/leak",
    "https:/\\evil.example/leak",
    "https:///evil.example/leak",
    "http:\\\\evil.example\\leak",
    "https://evil。example/leak",
    "//evil.example/leak",
    "\\\\evil.example\\leak",
    "evil.example/leak?d=1",
    "evil.example/leak",
    "evil.example:8080/leak",
    "evil.example?d=leak",
    "(evil.example/leak)",
    "[a](https://evil.example/leak(b)c)",
    "github.com/evil/leak?d=1",
  ])("%s", (address) => {
    const text = left(`see ${address} now`);
    expect(text).toMatch(/^see .* now$/);
    expect(text).not.toMatch(/evil\.example|leak|github\.com/i);
  });

  test.each(["mailto:a@evil.example", "javascript:alert(1)", "data:text/html;base64,aGk="])(
    "or not even that: %s",
    (address) => expect(left(`see ${address} now`)).toBe("see (link removed) now"),
  );
});

test.each([
  "https://grafana.example.com/d/1?x=2#y",
  "https://grafana.example.com:3000/d",
  "http://grafana.example.com",
  "https://Grafana.example.com/x",
  "grafana.example.com/d/1",
])("a host that is allowed stays a link: %s", (address) => {
  expect(left(`see ${address} now`)).toBe(`see ${address} now`);
});

describe("what logs are full of is no address", () => {
  test.each([
    "com.acme.Cart.getItems() failed",
    "at java.base/java.lang.Thread.run(Thread.java:829)",
    "org.springframework/spring-core is missing",
    "github.com/acme/app/pkg/store: nil pointer",
    "k8s.io/client-go/tools/cache: watch ended",
    "app.kubernetes.io/name=checkout",
    "networking.k8s.io/v1 Ingress",
    "the file /etc/nginx/conf.d/default.conf",
    "C:\\Users\\x\\y.z",
    "src/main.ts:12 and config.yaml/x",
    "registry.acme.io/team/app:1.4.2 cannot be pulled",
    "docker.io/library/redis:7.2-alpine",
    "ghcr.io/acme/app@sha256:abcdef0123456789",
    "orders-db:5432 refuses",
    "kafka-1.acme.com:9092 is down",
    "orders-db.shop.svc.cluster.local:5432/orders refuses",
    "10.0.0.7:8080 refuses, 10.0.0.0/8 is denied",
    "nginx/1.25.3 and Mozilla/5.0",
    "text/plain and application/vnd.api+json",
    "POST /orders/42?x=1 failed",
    "https: connection refused",
    "error: http: TLS handshake error",
    "orders.items/price is null",
    "file: y, data: x, mailto: nobody",
  ])("%s", (text) => expect(left(text)).toBe(text));
});
