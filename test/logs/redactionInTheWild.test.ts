import { describe, expect, test } from "@jest/globals";
import { redact } from "../../src/logs/redaction.ts";

/** As programs write them. Put together here, so that nothing looks like a key that leaked. */
const hx = (length: number) => "7f3a9c1e5b2d8f4a6c0e9b7d3f1a5c8e".repeat(9).slice(0, length);
const al = (length: number) => "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7d".repeat(5).slice(0, length);
const SECRETS: [line: string, secret: string][] = [
  ['{"op":"replace","path":"/password","value":"Kastanie_31"}', "Kastanie_31"],
  [`POST https://api.telegram.org/bot1234567890:AA${al(33)}/getUpdates "HTTP/1.1 200 OK"`, `AA${al(33)}`],
  ["sent SMS to +43 664 1234567: your parcel", "1234567"],
  ["notified +436641234567: delivered", "436641234567"],
  ["whatsapp:+436641234567", "436641234567"],
  ["tel:+1-415-736-5000", "736-5000"],
  ["To=%2B436641234567&From=x", "436641234567"],
  [`grafana_session=${hx(32)}`, hx(32)],
  [`_gitlab_session=${hx(32)}; path=/`, hx(32)],
  [`{"laravel_session":"eyJpdiI6${al(80)}"}`, al(30)],
  [`.AspNetCore.Cookies=CfDJ8${al(80)}`, al(60)],
  [`remember_web_59ba36addc=eyJpdiI6${al(80)}`, al(30)],
  [`session id ${hx(32)} expired`, hx(32)],
  [`JSESSIONID ${hx(32).toUpperCase()} invalidated`, hx(32).toUpperCase()],
  ["#0 /var/www/db.php(14): PDO->__construct('mysql:host=db', 'shop', 'Kranich#88')", "Kranich#88"],
  ["mysqli_connect('db', 'shop', 'Kranich#88')", "Kranich#88"],
  ["ldap_bind(Resource id #3, 'cn=a', 'Kranich#88')", "Kranich#88"],
  ["auth=HTTPBasicAuth('eva', 'Kranich#88')", "Kranich#88"],
  ["password_verify('Sommer2024!', '$2y')", "Sommer2024!"],
  ["A temporary password is generated for root@localhost: k1Gans;?uWq9", "k1Gans;?uWq9"],
  [`Please use the following password to proceed to installation:\n\n${hx(32)}`, hx(32)],
  ["Password for the elastic user (reset with `bin/x`):\n  Xy7kPq9Lm2", "Xy7kPq9Lm2"],
  ["Generated password for user admin: Xy7kPq9Lm2", "Xy7kPq9Lm2"],
  ["admin password reset to Xy7kPq9Lm2", "Xy7kPq9Lm2"],
  ["chpasswd: password for root set to Xy7kPq9Lm2", "Xy7kPq9Lm2"],
  [`Unseal Key 1: ${al(43)}=`, al(43)],
  ["login attempt [root/xc3511zlxx] failed", "xc3511zlxx"],
  ["Command '['mysqldump', '-u', 'root', '-pauditPw77', 'shop']' returned", "auditPw77"],
  ['type=EXECVE a0="mysql" a1="-uroot" a2="-pauditPw77"', "auditPw77"],
  ['exec ["redis-cli","-a","auditPw77"]', "auditPw77"],
  [`az x --account-key ${al(40)}==`, al(40)],
  [`ENV DJANGO_SECRET_KEY ${al(30)}`, al(30)],
  [`ENV SECRET_KEY_BASE ${hx(64)}`, hx(64)],
  [`registered GR1348941${al(20)}`, al(20)],
  [`key ${hx(36)}FFFFNRAL`, hx(36)],
  [`lsv2_pt_${hx(32)}_${hx(10)}`, hx(32)],
  ["access-production-7f3a9c1e-5b2d-8f4a-6c0e-9b7d3f1a5c8e", "7f3a9c1e-5b2d"],
  [`FLWSECK-${hx(32)}-X`, hx(32)],
  [`ops_eyJ${al(100)}`, al(60)],
  [`v1.0-${hx(24)}-${hx(146)}`, hx(100)],
  [`cargo login cio${al(32)}`, al(32)],
  [`token A21AA${al(90)}`, al(60)],
  [`c1:APA91b${al(130)}`, al(80)],
  [`client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt${al(80)}`, al(60)],
  [`tls.key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0t${al(80)}`, al(60)],
  ["Field error in object 'login' on field 'password': rejected value [Kastanie_31]; codes", "Kastanie_31"],
  [
    '{"detail":[{"type":"string_too_short","loc":["body","password"],"msg":"too short","input":"kirsche77"}]}',
    "kirsche77",
  ],
  ["SELECT pgp_sym_decrypt(note, 'pgpSymKey9') FROM p", "pgpSymKey9"],
  ['1714650000.123 [0 10.0.0.1:5432] "AUTH" "redisMon1"', "redisMon1"],
  ["HELLO 3 AUTH default redisHello4", "redisHello4"],
  ['LDAP bind: dn="uid=eva,dc=x" method=128 cred="ldapBindPw"', "ldapBindPw"],
  [`GET https://api.example.org/weather?q=Bonn&appid=${hx(32)}`, hx(32)],
  ["wifi joined, psk=caffeLatte2go", "caffeLatte2go"],
  ["snmpget -v2c -c communityX9 10.0.0.1 sysDescr.0", "communityX9"],
  ['FTP command: Client "10.0.0.1", "PASS vsPw99"', "vsPw99"],
  ["Initial admin password generated: Xk9-fallow", "Xk9-fallow"],
  // Tokens of more vendors, with nothing beside them that says what they are.
  ...(
    [
      ["napi", `_${hx(40)}`],
      ["vcp", `_${al(30)}`],
      ["ddp", `_${al(36)}`],
      ["fw", `_${al(22)}`],
      ["sk", `_${hx(48)}`],
      ["as", `-${al(22)}`],
      ["NRJS", `-${hx(19)}`],
      ["", `${hx(36)}NRAL`],
      ["ico", `-${al(32)}`],
      ["sdk", "-7f3a9c1e-5b2d-8f4a-6c0e-9b7d3f1a5c8e"],
      ["s-s4t2ud", `-${hx(64)}`],
      ["00", al(40)],
      ["AQE", `${al(60)}-${al(40)}=`],
      ["t1", `.${al(12)}.${al(86)}`],
      ["", `${al(76)}AZ${"DO"}${al(4)}`],
      ["", `${al(52)}JQQ${"J99"}${al(20)}`],
      ["", `${al(75)}+A${"St"}${al(6)}==`],
      ["1", `/1234567890123456:${hx(32)}`],
      ["AVNS", `_${al(20)}`],
    ] as const
  ).map(([before, secret]): [string, string] => [`cannot use ${before}${secret}, rejected`, secret]),
  [`{"Fastly-Key":"${al(32)}"}`, al(32)],
  [`docker run -e X-Honeycomb-Team=${hx(32)} app`, hx(32)],
  [`AZURE_DEVOPS_PAT=${hx(52)}`, hx(52)],
  [`client-key-data: ${al(160)}`, al(100)],
  [`apiVersion: v1\\nkind: Secret\\ndata:\\n  config: ${al(40)}\\n`, al(40)],
  ["host: db\\npwd: Kirsche#77\\nport: 5432", "Kirsche#77"],
  [`host: db\\nauth: ${al(24)}\\nport: 5432`, al(24)],
  [`{"apiVersion":"v1","data":{"config":"${al(40)}"},"kind":"Secret"}`, al(40)],
  [`https://chat.example.org/hooks/${hx(26)} 404`, hx(26)],
  [`POST /hooks/${al(24)}/${al(64)} 500`, al(64)],
  [
    "https://open.feishu.cn/open-apis/bot/v2/hook/7f3a9c1e-5b2d-8f4a-6c0e-9b7d3f1a5c8e",
    "5b2d-8f4a-6c0e-9b7d3f1a",
  ],
  [
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=7f3a9c1e-5b2d-8f4a-6c0e-9b7d3f1a5c8e",
    "5b2d-8f4a-6c0e",
  ],
  [`https://hook.eu1.make.com/${hx(32)} 410`, hx(32)],
  [`PuTTY-User-Key-File-3: x\\nPrivate-Lines: 1\\n${al(64)}\\nPrivate-MAC: ${hx(8)}`, al(64)],
];

const BENIGN: string[] = [
  "celery@ip-10-0-1-7.eu-central-1.compute.internal: lost",
  "node rabbit@mq-1.internal not running",
  "openvpn@client.service: Failed with result 'exit-code'.",
  "user@1000.service: Succeeded.",
  "getty@tty1.service started",
  "image app@2x.png not found",
  'MountVolume.SetUp failed for volume "token" : secret "default-token-x7k2p" not found',
  'secret "kube-system/cert-7b" already exists',
  "password = var.db_password",
  "secret = local.db_password",
  "password = random_password.db.result",
  "password=%DB_PASSWORD%",
  "password=%env(DB_PASSWORD)%",
  "password: $(DB_PASSWORD)",
  "  -p, --password  the password to use",
  "[--password PASSWORD] [--token TOKEN]",
  "--password force password prompt",
  "took +4821771299 ns",
  "signature: SHA256withRSA",
  "-u, --user <user:password>",
  "DB_PASSWORD=secretsmanager:shop/db",
  'vault_lease_creation{secret_engine="kv"} 12',
  "sync_token=0270407245 resync needed",
  "DELETE /api/webhooks/7f3a9c1e-5b2d-8f4a-6c0e-9b7d3f1a5c8e 204",
  "GET /repos/shop/web/hooks/48213377 404",
  "POST /webhooks/stripe-payment-events-v2 500",
  "webhook /hooks/65a1b2c3d4e5f60718293a4b disabled",
  "Member api-7f3a9c1e-5b2d-8f4a-6c0e-9b7d3f1a5c8e left the group",
  'involvedObject: {kind: Secret, name: db-credentials}, data: {"reason": "NotFound"}',
  `charge ch_${al(24)} of cus_${al(14)} failed, req_${al(14)}`,
  "path=/srv/app patch=2 pattern=orders-v2 pat=none",
];

describe("in lines of real programs", () => {
  test.each(SECRETS)("%s", (line, secret) => {
    const redacted = redact(line);
    const piece = Math.ceil(secret.length * 0.6);
    for (let at = 0; at + piece <= secret.length; at++) {
      expect(redacted.includes(secret.slice(at, at + piece))).toBe(false);
    }
    expect(redact(redacted)).toBe(redacted);
  });

  test.each([...BENIGN, "sessionId: 65a1b2c3.1f4", "Message-Id <3215836382.26167@mx.example.com>"])(
    "nothing is hidden of %s",
    (line) => expect(redact(line)).toBe(line),
  );
});
