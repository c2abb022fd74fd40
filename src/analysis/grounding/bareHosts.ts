/** A host without a scheme, with something behind a slash or a question mark. */
export const BARE_HOST =
  /(?<![\p{L}\p{N}_./\\@:$%{+=~-])((?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,62})\.){1,8}(?:\p{L}{2,24}|xn--[a-z0-9-]{1,40})|(?:\d{1,3}\.){3}\d{1,3}(?=(?::\d{1,5})?\/?\?|(?::\d{1,5})?\/[^\s?]{0,200}\?))(?::\d{1,5})?(?:[/?#](?=[^\s)\]"'`<>|])[^\s<>"'`|)\]]{0,2000})/giu;

/** Endings of files and names within a network: none of them is a domain that anybody can buy. */
const NO_DOMAINS = new Set(
  "js ts jsx tsx mjs mts cjs json java class kt scala go rb php yaml yml xml conf cfg ini log txt csv html htm css so jar war exe dll lock toml sql proto tf env bak tmp gz tar base desktop local internal svc cluster lan corp home intranet localhost test invalid arpa consul".split(
    " ",
  ),
);
/** What many domains end in. Of the others only an address that asks for something is taken for one: `orders.items/price` is a field. */
const DOMAINS =
  /^(?:com|net|org|edu|gov|mil|int|info|biz|name|pro|mobi|asia|jobs|tel|travel|cat|app|dev|page|site|online|website|web|space|store|shop|live|life|link|click|cloud|tech|top|xyz|club|icu|vip|win|bid|loan|work|works|world|today|news|blog|wiki|zone|host|hosting|press|email|network|systems|solutions|services|support|digital|agency|group|team|company|center|global|city|fun|art|design|studio|media|video|games?|bet|casino|money|finance|bank|trade|market|pub|bar|run|sh|codes?|software|tools|download|stream|party|date|science|review|cam|monster|quest|rest|beauty|one|best|sale|zip|mov|foo|ninja|rocks|buzz|example|onion|xn--[a-z0-9-]+|[a-z]{2}|[^\x00-\x7f]+)$/;
/** Whose paths name packages, images and labels rather than pages. */
const OF_PACKAGES =
  /^(?:(?:[\w-]+\.)*(?:k8s|kubernetes|istio|gcr|quay|helm|docker|ghcr|crossplane|knative|tekton|argoproj|cert-manager|opentelemetry|prometheus|jaegertracing|coreos|openshift|linkerd|cilium|fluxcd|projectcontour|keda)\.(?:io|sh|dev|com|org)|(?:nvidia|amd|intel|github|gitlab|bitbucket|golang|google\.golang|mvnrepository|npmjs)\.(?:com|org)|gopkg\.in|go\.(?:uber|opentelemetry|etcd|mongodb|starlark)\.\w+|golang\.org|mcr\.microsoft\.com|public\.ecr\.aws|[\w.-]+\.(?:pkg\.dev|gcr\.io|azurecr\.io)|\d+\.dkr\.ecr\.[\w-]+\.amazonaws\.com)$/;
/** Packages of Java and their kin are named from the end: `org.springframework/spring-core`, `java.base/java.lang`. */
const REVERSED = /^(?:com|org|net|io|java|javax|jdk|sun|jakarta|kotlin|scala|app|dev)\./;
/** `registry.acme.io/team/app:1.4.2`, `…@sha256:…`. */
const IMAGE =
  /^[^?#\s]+\/[a-z0-9._/-]+(?::(?=[\w.-]{0,60}[\d.]|latest$|stable$|main$|edge$)[\w.-]{1,128}|@sha256:[0-9a-f]{6,64})$/;

/** Whether what looks like a host with a path is one, and not the name of a file, a package, a label or an image. */
export function isAddress(found: string, host: string): boolean {
  const name = host.toLowerCase();
  const end = name.slice(name.lastIndexOf(".") + 1);
  if (NO_DOMAINS.has(end)) return false;
  // What asks for something is no name of anything.
  if (/[?#]./.test(found)) return true;
  if (OF_PACKAGES.test(name) || IMAGE.test(found.replace(/[.,;:!]+$/, ""))) return false;
  return (
    DOMAINS.test(end) && !(REVERSED.test(name) && !/\.(?:com|net|org|io|dev|app|example|\w\w)$/.test(name))
  );
}
