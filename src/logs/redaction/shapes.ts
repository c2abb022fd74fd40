import type { Mark } from "./mark.ts";
import { OWN_KEY, OWN_KEY_KIND } from "./ownKeys.ts";

/** Tokens that are known by their form alone, wherever they stand. Sources: each vendor's documentation
 * of its token prefixes, and the secret-scanning pattern lists of GitHub and GitLab. */
export interface Shape {
  kind: string;
  pattern: RegExp;
}

/** Not inside a longer word. */
const START = "(?<![A-Za-z0-9_-])";

/** What nothing else looks like may also be glued to a word: `v2-ghp_…`, `backup_AKIA…`. */
const GLUED = "(?<![A-Za-z0-9])";

function shape(kind: string, source: string): Shape {
  return { kind, pattern: new RegExp(START + source, "g") };
}

function gluedShape(kind: string, source: string): Shape {
  return { kind, pattern: new RegExp(GLUED + source, "g") };
}

export const SHAPES: readonly Shape[] = [
  { kind: OWN_KEY_KIND, pattern: new RegExp(OWN_KEY, "g") },
  // Header, payload and signature; an encrypted one has five parts.
  gluedShape("jwt", "ey[JK][\\w-]{8,}\\.(?:[\\w-]{4,}(?:\\.[\\w-]*){1,3}|\\.[\\w-]{8,}\\.[\\w-]+\\.[\\w-]+)"),
  gluedShape("aws-key", "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
  gluedShape("google-key", "AIza[\\w-]{30,}"),
  shape("google-key", "(?:ya29\\.[\\w.-]{20,}|GOCSPX-[\\w-]{20,}|1//0[\\w-]{30,})"),
  gluedShape("github-token", "(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\\w{20,})"),
  gluedShape("gitlab-token", "gl(?:pat|dt|ptt|ft|rt|rtr|soat|cbt|agent|imt|oas|ffct)-[\\w.-]{16,}"),
  gluedShape("slack-token", "(?:xox[abceoprs](?:\\.xox[bp])?|xapp)-[\\w-]{10,}"),
  shape("discord-token", "(?:[MNO][\\w-]{22,27}\\.[\\w-]{5,7}\\.[\\w-]{27,}|mfa\\.[\\w-]{60,})"),
  // In the address of its interface behind `bot`.
  shape("telegram-token", "(?:bot)?\\d{8,10}:AA[\\w-]{32,}"),
  gluedShape("stripe-key", "(?:(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[\\w+/=]{16,})"),
  gluedShape("anthropic-key", "sk-ant-[\\w-]{16,}"),
  shape("openai-key", "sk-(?:proj-|svcacct-|admin-|or-)?[\\w-]{20,}"),
  shape("sendgrid-key", "SG\\.[\\w-]{16,}\\.[\\w-]{16,}"),
  shape("twilio-key", "SK[0-9a-f]{32}(?![A-Za-z0-9])"),
  shape(
    "mail-key",
    "(?:key-[0-9a-f]{32}|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}|[0-9a-f]{32}-us\\d{1,2}|xkeysib-[\\w-]{32,}|re_[A-Za-z0-9]{6,}_[A-Za-z0-9]{16,})(?![A-Za-z0-9])",
  ),
  gluedShape("npm-token", "npm_[A-Za-z0-9]{30,}"),
  shape(
    "package-token",
    "(?:pypi-[\\w-]{32,}|rubygems_[0-9a-f]{32,}|dckr_(?:pat|oat)_[\\w-]{20,}|CLOJARS_[0-9a-f]{40,}|oy2[a-z0-9]{40,})",
  ),
  shape("huggingface-token", "(?:hf_|api_org_)[A-Za-z0-9]{30,}"),
  shape(
    "ai-key",
    "(?:(?:gsk_|r8_|pplx-|xai-|nvapi-|tvly-)[A-Za-z0-9_-]{30,}|fw_[A-Za-z0-9]{20,}|sk_[0-9a-f]{48}|csk-[a-z0-9]{40,}|rpa_[A-Z0-9]{40,}|tgp_v1_[\\w-]{40,}|a[ks]-(?=[A-Z0-9]{0,21}[a-z])(?=[a-z0-9]{0,21}[A-Z])[A-Za-z0-9]{22}(?![\\w-]))",
  ),
  shape(
    "cloud-token",
    "(?:do[opr]_v1_[0-9a-f]{40,}|dapi[0-9a-f]{32}(?:-\\d)?|LTAI[A-Za-z0-9]{12,24}|AKID[A-Za-z0-9]{28,}|HRKU-[\\w-]{30,}|fo1_[\\w-]{30,}|FlyV1 fm2_[\\w+/=,-]{30,}|nfp_[A-Za-z0-9]{30,}|sb[pt]_[0-9a-f]{40}|sb_secret_[\\w-]{20,}|pscale_(?:tkn|pw|oauth)_[\\w.=-]{30,}|rnd_[A-Za-z0-9]{28,}|napi_[a-z0-9]{40,}|vc[aciprk]_[A-Za-z0-9]{24,}|dd[pw]_[A-Za-z0-9]{36}|sha256~[\\w-]{43}|AVNS_[\\w-]{16,}|t1\\.[\\w-]{4,64}={0,2}\\.[\\w-]{80,}={0,2}|bce-v3/ALTAK-[\\w/-]{40,}|apify_api_[A-Za-z0-9]{30,}|sl\\.(?:u\\.)?[\\w-]{100,}|pnu_[A-Za-z0-9]{36}|pcsk_\\w{40,}|MDAx[\\w-]{60,}={0,2}|tk_[a-z0-9]{29}(?![\\w-])|syt_\\w{4,64}_[A-Za-z0-9]{20}_\\w{6})",
  ),
  shape("azure-secret", "[\\w.~-]{3}\\dQ~[\\w.~-]{31,34}"),
  // The mark that Microsoft puts into the keys of its services, so that they are known: 32 to 76 characters before it.
  shape(
    "azure-key",
    "[A-Za-z0-9+/_-]{32,76}(?:AzFu|AzSe[A-D]|ACDb|AZDO|JQQJ99|\\+(?:ASt|ASb|AEh|ARm|ABa|ACR|AIoT))[A-Za-z0-9+/_-]{4,32}={0,2}(?![A-Za-z0-9+/=_-])",
  ),
  shape(
    "vault-token",
    "(?:hv[sbr]\\.[\\w-]{20,}|s\\.(?=[A-Za-z]{0,23}\\d)[A-Za-z0-9]{24}(?![A-Za-z0-9.])|[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{40,})",
  ),
  shape("grafana-token", "(?:gl(?:sa|c)_[\\w+/=]{24,}|eyJrIjoi[\\w+/=-]{30,})"),
  shape(
    "monitoring-key",
    "(?:NR(?:AK|AA|IQ|II|RA|AL|JS)-[\\w-]{19,}|sntry[su]_[\\w+/=-]{30,}|dt0[cs]\\d\\d\\.[A-Z0-9]{24}\\.[A-Z0-9]{60,}|hcaik_\\w{50,}|phx_[A-Za-z0-9]{30,})",
  ),
  shape(
    "ci-token",
    "(?:CCIPAT_\\w{20,}|CCIPRJ_\\w{20,}|bk[ua]a_[0-9a-f]{32,}|pul-[0-9a-f]{40}|sq[pua]_[0-9a-f]{40}|dp\\.(?:pt|st|ct|sa|scim|audit)\\.[\\w.-]{30,}|atlas_[\\w-]{30,}|tskey-[\\w-]{16,}|ops_eyJ[\\w-]{40,}|ico-[A-Za-z0-9]{32}|sgp_(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}|API-[A-Z0-9]{26,}|cmVmd[A-Za-z0-9]{56,}|dnkey-[\\w=-]{26}-[\\w=-]{52}|bk[cp]t_[\\w-]{30,}|wandb_v1_\\w{40,})",
  ),
  shape(
    "app-token",
    "(?:lin_(?:api|oauth)_[A-Za-z0-9]{30,}|shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}|sq0(?:atp|csp|idp)-[\\w-]{20,}|EAAA[\\w-]{50,}|EAA[A-Za-z0-9]{60,}|figd_[\\w-]{30,}|ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{40,}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|AT(?:ATT|CTT|BB)[A-Za-z0-9_=-]{20,}|pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}|CFPAT-[\\w-]{40,}|aio_[A-Za-z0-9]{28}|AKCp[A-Za-z0-9]{60,}|AQVN[\\w-]{30,}|y[0-3]_[\\w-]{40,}|EZ[AT]K[A-Za-z0-9]{50,}|sk\\.eyJ[\\w.-]{40,}|tfp_[\\w.-]{40,}|pk_\\d+_[A-Z0-9]{32}|shippo_(?:live|test)_[0-9a-f]{40}|rzp_live_[A-Za-z0-9]{14,}|sdk-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|s-s4t2(?:ud|af)-[0-9a-f]{64}|AQE[A-Za-z0-9+/]{40,}={0,2}-[A-Za-z0-9+/]{30,}={0,2}|pat-(?:na|eu|ap)\\d-[0-9a-f-]{36}|rdme_[a-z0-9]{60,}|p8e-[a-z0-9]{32}|fio-u-[\\w=-]{60,}|ATTA[0-9a-f]{60,}|1000\\.[0-9a-f]{32}\\.[0-9a-f]{32}|[12]/\\d{12,19}(?:/\\d{12,19})?:[0-9a-f]{32}|[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk|00(?=[\\w-]{0,39}\\d)(?=[A-Z\\d_-]{0,39}[a-z])(?=[a-z\\d_-]{0,39}[A-Z])[\\w-]{40}(?![\\w-])|access_token\\$production\\$[a-z0-9]{16}\\$[0-9a-f]{32}|live_[A-Za-z0-9_-]{40}|(?!pk_)[a-z]{2,20}_live_[\\w-]{24,}|AAAAAAAAAAAAAAAAAAAA[A-Za-z0-9%]{10,80}%3D[A-Za-z0-9]{40,})",
  ),
  // Hashes of passwords, as crypt(3), LDAP, Django and PostgreSQL write them: they can be guessed at leisure.
  shape(
    "password-hash",
    "(?:\\$2[abxy]?\\$\\d\\d\\$[\\w./]{20,60}|\\$(?:[1567]|g?y|apr1|md5|sha1|scrypt|argon2(?:id?|d)|pbkdf2[\\w-]{0,12})\\$[\\w./=,+-]{1,64}\\$(?:[\\w./=,+-]{1,64}\\$){0,2}[\\w./+]{20,100}|\\$[PH]\\$[\\w./]{31}|\\{(?:S?(?:SHA(?:-?(?:224|256|384|512))?|MD5)|CRYPT|PBKDF2[\\w-]{0,12}|ARGON2|BCRYPT)\\}[\\w+/=$.,-]{16,200}|(?:pbkdf2_sha(?:1|256|512)|bcrypt_sha256|scrypt)\\$\\d[\\w./+=$-]{24,300}|SCRAM-SHA-(?:1|256)\\$\\d{3,7}:[\\w+/=]{8,64}(?:\\$[\\w+/=:]{20,140})?)=*",
  ),
  // A key of Bitcoin in the form its wallets export, and an extended one.
  shape(
    "private-key",
    "(?:(?:5[HJK][1-9A-HJ-NP-Za-km-z]{49}|[KL](?=[1-9A-Za-z]{0,50}[a-z])(?=[A-Za-z]{0,50}\\d)[1-9A-HJ-NP-Za-km-z]{51})(?![A-Za-z0-9+/=_-])|[xyz]prv[1-9A-HJ-NP-Za-km-z]{90,110})",
  ),
  // The base64 of the beginnings of keys in PEM form, as kubeconfig and secrets of Kubernetes have them.
  shape(
    "private-key",
    "LS0tLS1CRUdJTiB(?:SU0EgUFJJVkFURS|QUklWQVRF|FQyBQUklWQVRF|PUEVOU1NIIFBSSVZBVEU|FTkNSWVBURUQgUFJJVkFURS)[\\w+/]{40,}=*",
  ),
  // Express's signed sessions, ASP.NET's protected data and Laravel's encrypted ones, which their cookies are.
  shape(
    "session",
    "(?:wordpress_(?:logged_in|sec)_[0-9a-f]{32}=[\\w%|@.-]{32,}|cf_clearance=[\\w.-]{40,}|s%3A[\\w%+-]{24,}(?:\\.[\\w%+/-]{20,})?|CfDJ8[\\w-]{40,}|eyJpdiI6[\\w+/%-]{40,}=*)",
  ),
  shape(
    "app-token",
    "(?:GR1348941[\\w-]{20,}|[0-9a-f]{32,36}(?:[0-9a-f]{4}|FFFF)NRAL|lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}|access-(?:sandbox|development|production)-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|FLWSECK(?:_TEST)?-[0-9a-f]{32}-X|v1\\.0-[0-9a-f]{24}-[0-9a-f]{146}|cio[A-Za-z0-9]{32}(?![A-Za-z0-9])|A21AA[\\w-]{60,}|[\\w-]{1,30}:APA91b[\\w-]{100,})",
  ),
  // The base64 of `<saml`, which begins a signed statement of who somebody is.
  shape("saml", "PHNhbW[\\w+/-]{24,}=*"),
  // How Stripe and Slack sign what they send.
  shape("signature", "v[01]=[0-9a-f]{64}(?![0-9a-f])"),
  shape("age-key", "AGE-SECRET-KEY-1[0-9A-Z]{50,}"),
  shape("webhook", "(?:https://)?hooks\\.slack(?:-gov)?\\.com/(?:services|workflows|triggers)/[\\w/+-]{12,}"),
  shape(
    "webhook",
    "(?:https://)?(?:canary\\.|ptb\\.)?discord(?:app)?\\.com/api/(?:v\\d{1,2}/)?webhooks/\\d{15,21}/[\\w-]{20,}",
  ),
  shape("webhook", "(?:https://)?[\\w-]{1,60}\\.webhook\\.office\\.com/webhookb2/[\\w@/.-]{20,}"),
  shape(
    "webhook",
    "(?:https://)?(?:hooks\\.zapier\\.com/hooks/catch|chat\\.googleapis\\.com/v1/spaces)/[\\w/.?=&%-]{12,}",
  ),
  shape(
    "webhook",
    "(?:https://)?(?:open\\.(?:feishu\\.cn|larksuite\\.com)/open-apis/bot/(?:v2/)?hook/|qyapi\\.weixin\\.qq\\.com/cgi-bin/webhook/\\w{1,20}\\?key=|hook(?:\\.\\w{2,4})?\\.(?:make|integromat)\\.com/|maker\\.ifttt\\.com/trigger/\\w{1,60}/(?:json/)?with/key/|events\\.pagerduty\\.com/integration/|automation\\.atlassian\\.com/pro/hooks/|hooks\\.airtable\\.com/workflows/|outlook\\.office\\.com/webhook/|hc-ping\\.com/|alert\\.victorops\\.com/integrations/)[\\w@/.-]{16,}",
  ),
];

/** Most lines hold none: one pass says so, at a third of the time of a pass for each. */
const ANY = new RegExp(
  [OWN_KEY, ...[GLUED, START].map((start) => `${start}(?:${sourcesAfter(start)})`)].join("|"),
);

function sourcesAfter(start: string): string {
  return SHAPES.flatMap(({ pattern: { source } }) =>
    source.startsWith(start) ? source.slice(start.length) : [],
  ).join("|");
}

/** Replaces tokens of known form. Every pattern begins with fixed text, so none can backtrack far. */
export function redactShapes(text: string, mark: Mark): string {
  if (!ANY.test(text)) return text.includes(AWS_ID) ? redactBesideAwsId(text, mark) : text;
  let out = text;
  for (const { kind, pattern } of SHAPES) out = out.replace(pattern, (token) => mark(kind, token));
  return out.includes(AWS_ID) ? redactBesideAwsId(out, mark) : out;
}

/** The rest of the mark may be a number. */
const AWS_ID = "<redacted:aws-key";
/** 40 characters of base64, which alone could be anything; a commit has no capitals. */
const AWS_SECRET =
  "(?=[^A-Z]{0,39}[A-Z])(?=[^a-z]{0,39}[a-z])(?=\\D{0,39}\\d)[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=_-])";
const AFTER_AWS_ID = new RegExp(`(${AWS_ID}[^\\n]{0,88}?(?<![\\w+/-]))(${AWS_SECRET})`, "g");
const BEFORE_AWS_ID = new RegExp(`(?<![\\w+/-])${AWS_SECRET}(?=[^\\n]{0,80}${AWS_ID})`, "g");

function redactBesideAwsId(text: string, mark: Mark): string {
  return text
    .replace(AFTER_AWS_ID, (_whole, before: string, secret: string) => before + mark("aws-secret", secret))
    .replace(BEFORE_AWS_ID, (secret) => mark("aws-secret", secret));
}

const BEGIN = "-----BEGIN ";
const END = "-----END ";

/** PuTTY's own form: so many lines of base64, then `Private-MAC`. */
const PUTTY = /(Private-Lines: \d{1,3}(?:\s|\\{1,7}[rn]){1,8})((?:(?!Private-)[A-Za-z0-9+/=\s\\]){16,8192})/g;

/** Replaces private keys in PEM form, also with escaped line ends, also without an end. Certificates stay. */
export function redactPem(text: string, mark: Mark): string {
  const own = text.includes("Private-Lines:")
    ? text.replace(PUTTY, (_whole, before: string, key: string) => before + mark("private-key", key))
    : text;
  return redactPemKeys(own, mark);
}

function redactPemKeys(text: string, mark: Mark): string {
  let at = text.indexOf(BEGIN);
  if (at < 0) return text;
  let out = "";
  let kept = 0;
  // Remembered between keys: looked for again from each, a text of many beginnings would take quadratic time.
  let end = text.indexOf(END);
  while (at >= 0) {
    const from = at + BEGIN.length;
    const title = /^[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/.exec(text.slice(from, from + 70));
    let next = from;
    if (title !== null) {
      const body = from + title[0].length;
      if (end >= 0 && end < body) end = text.indexOf(END, body);
      next = pemEnd(text, body, end);
      out += text.slice(kept, at) + mark("private-key", text.slice(at, next));
      kept = next;
    }
    at = text.indexOf(BEGIN, next);
  }
  return out + text.slice(kept);
}

/** @param end where the next END stands, or -1 */
function pemEnd(text: string, body: number, end: number): number {
  const another = text.indexOf(BEGIN, body);
  if (end < 0 || (another >= 0 && another < end)) {
    // Cut off: what looks like a body goes.
    const tail = /[A-Za-z0-9+/=\s\\:,.]*/y;
    tail.lastIndex = body;
    tail.exec(text);
    return another >= 0 ? Math.min(another, tail.lastIndex) : tail.lastIndex;
  }
  const close = text.indexOf("-----", end + END.length);
  return close < 0 || close > end + 80 ? end + END.length : close + 5;
}
