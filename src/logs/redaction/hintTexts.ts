/**
 * What in a text makes a group of rules worth trying, as bits. Most lines have next to none, and one pass that says so
 * costs a small part of trying them all.
 */
export const HINT = {
  pem: 1,
  shape: 2,
  url: 4,
  command: 8,
  sentence: 16,
  link: 32,
  prose: 64,
  digest: 128,
  cookie: 256,
  beside: 512,
  key: 1_024,
  at: 2_048,
  called: 4_096,
  ssn: 8_192,
  phone: 16_384,
  /** As many digits as the shortest card has. */
  card: 32_768,
  /** Two letters and two digits that begin a word. */
  iban: 65_536,
  /** Something may be in it that is not seen where it is shown. */
  hidden: 131_072,
} as const;

/** What means something only together with something else. */
export const PART = {
  /** Of a command: `--x`, `-x`. */
  flag: 1 << 18,
  /** A command whose flags are too short to mean anything alone. */
  tool: 1 << 19,
  /** What a flag or a variable is called that holds a secret. */
  named: 1 << 20,
  variable: 1 << 21,
  /** What is done by who then is told with a password: `login failed for bob:x`. */
  signIn: 1 << 22,
  told: 1 << 23,
  /** The name of a key, and what keeps a key and its value apart. */
  keyName: 1 << 24,
  pair: 1 << 25,
  /** Of a command on Windows, or a path: `/x`. */
  slash: 1 << 26,
  /** What has such flags, and what they are called. */
  slashed: 1 << 27,
} as const;

/**
 * Fixed text without which no rule of a group can match, in lower case: `^` where it has to begin a token, `·` for a blank,
 * `¬` where no small letter may follow, `→` where a letter or a hyphen has to. A rule that is added wants its text here: test/logs/redactionHints.test.ts has every form of every kind, and says which is missing.
 */
export const TEXTS: readonly (readonly [bits: number, texts: string])[] = [
  [HINT.pem, "-----begin private-lines:"],
  [
    HINT.shape,
    "lh_ lh%5f lh\\_ bghf redacted:aws-key eyj eyk akia asia abia acca aiza ^ya29. ^gocspx- ^1//0",
  ],
  [HINT.shape, "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glptt- glft- glrt- glrtr- glsoat-"],
  [
    HINT.shape,
    "glcbt- glagent- glimt- gloas- glffct- xox xapp- ^mfa. :aa sk_live_ sk_test_ rk_live_ rk_test_ whsec_ ^sk- sk-ant- ^sg.",
  ],
  [
    HINT.shape,
    "^sk0 ^sk1 ^sk2 ^sk3 ^sk4 ^sk5 ^sk6 ^sk7 ^sk8 ^sk9 ^ska ^skb ^skc ^skd ^ske ^skf ^key- -us ^xkeysib-",
  ],
  [
    HINT.shape,
    "^re_ npm_ ^pypi- ^rubygems_ ^dckr_ ^clojars_ ^oy2 ^hf_ ^api_org_ ^gsk_ ^r8_ ^pplx- ^xai- ^nvapi-",
  ],
  [
    HINT.shape,
    "^fw_ ^tvly- ^doo_v1_ ^dop_v1_ ^dor_v1_ ^dapi ^ltai ^akid ^hrku- ^fo1_ ^flyv1 ^nfp_ ^sbp_ ^sbt_",
  ],
  [
    HINT.shape,
    "^sb_secret_ ^pscale_ ^rnd_ q~ ^hvs. ^hvb. ^hvr. ^s. .atlasv1. ^glsa_ ^glc_ ^nrak- ^nraa- ^nriq- ^nrii-",
  ],
  [
    HINT.shape,
    "^nrra- ^nral- ^nrjs- ^sntryu_ ^sntrys_ ^dt0 ^hcaik_ ^phx_ ^ccipat_ ^cciprj_ ^bkua_ ^bkaa_ ^pul- ^sqp_",
  ],
  [
    HINT.shape,
    "^squ_ ^sqa_ ^dp. ^atlas_ ^tskey- ^ops_eyj ^lin_ ^shp ^sq0 ^eaa ^figd_ ^ntn_ ^secret_ ^pmak- ^atatt",
  ],
  [
    HINT.shape,
    "^atctt ^atbb ^pat ^cfpat- ^aio_ ^akcp ^aqvn ^y0_ ^y1_ ^y2_ ^y3_ ^ezak ^eztk ^sk.eyj ^tfp_ ^pk_ ^shippo_",
  ],
  [
    HINT.shape,
    "^rzp_ ^access_token$ ^live_ ^phnhbw ^age-secret-key-1 hooks. discord.com/api discordapp.com/api",
  ],
  [
    HINT.shape,
    ".webhook.office.com chat.googleapis.com ^xprv ^yprv ^zprv $2 $1 $5 $6 $7 $y $gy $apr1 $md5 $sha1 $scrypt",
  ],
  [
    HINT.shape,
    "$argon2 $pbkdf2 $p$ $h$ {sha {ssha {md5 {smd5 {crypt {pbkdf2 {argon2 {bcrypt ^pbkdf2_ ^bcrypt_ ^scrypt$",
  ],
  [
    HINT.shape,
    "^scram-sha- ^ls0tls1crudjti ^cfdj8 ^gr1348941 nral ^lsv2_ ^access- ^flwseck ^v1.0- ^cio ^a21aa :apa91b",
  ],
  [
    HINT.shape,
    "^sk_ ^csk- ^rpa_ ^tgp_v1_ ^ak- ^as- ^napi_ ^vca_ ^vcc_ ^vci_ ^vcp_ ^vcr_ ^vck_ ^ddp_ ^ddw_ ^sha256~ ^avns_ ^t1.",
  ],
  [
    HINT.shape,
    "^bce-v3/ ^apify_ azfu azse acdb azdo jqqj99 +ast +asb +aeh +arm +aba +acr +aiot ^ico- ^sgp_ ^api- ^cmvmd ^dnkey-",
  ],
  [
    HINT.shape,
    "^tk_ ^syt_ ^wordpress_ ^cf_clearance alert.victorops ^sl. ^pnu_ ^pcsk_ ^mdax _live_ %3d ^s%3a ^v0= ^v1= ^bkct_ ^bkpt_ ^wandb_ ^sdk- ^s-s4t2 ^aqe ^rdme_ ^p8e- ^fio-u- ^atta ^1000. ^1/ ^2/ _mmk ^00 .feishu.cn .larksuite.com",
  ],
  [
    HINT.shape,
    "qyapi.weixin make.com integromat.com maker.ifttt events.pagerduty automation.atlassian outlook.office hc-ping",
  ],
  [
    HINT.url,
    ":5432: :5433: :6432: rtmp @ %40 %2540 appid= thin: sqlplus sqlldr expdp empdp ixpdp impdp sig= signature= security-token= code=",
  ],
  [PART.flag, "^-→"],
  [PART.slash, "^/→"],
  [PART.slashed, "pass pwd xfreerdp cmdkey schtasks"],
  [
    PART.tool,
    "mysql mariadb 7z rar sshpass redis-cli valkey-cli curl http wget ^ab siege login mongo kinit vncviewer",
  ],
  [
    PART.tool,
    "mosquitto_ ipmitool sqlcmd bcp isql tsql osql zip ldap smb rpcclient winexe net openssl snmp xfreerdp cmdkey",
  ],
  [PART.tool, "lftp etcdctl influx cqlsh nodetool schtasks psexec rdesktop useradd usermod htpasswd sudo"],
  [PART.named, "pass pwd secret token key"],
  [PART.variable, "env fastcgi_param set·-"],
  [
    HINT.command,
    "alias·set from-literal pass: net·us configure·set chpasswd -stdin rabbitmqctl wpa_pass securestring ^sp_addl ^sp_adda ^sp_seta ^sp_pass",
  ],
  [
    HINT.sentence,
    "hawk psk· neighbor bearer basic digest login auth pass pwd token secret identified crypt cred name= __construct( new·pdo( connect(' ldap_bind ftp_login",
  ],
  [
    HINT.link,
    "code= /private- hook/ hooks/ hook-test/ hook_test/ hook-waiting/ /password /reset /recover /set- /set_ /setp /forgot /choose /accept /invit /magic /activat /unlock /one",
  ],
  [
    HINT.link,
    "/login /log-in /sign /unsubscribe /email /verif /confirm in# in/# auth# auth/# back# back/# join# join/# saml",
  ],
  [HINT.link, "verify# verify/# confirm# confirm/#"],
  [HINT.prose, "pass pw code otp 2fa mfa tfa ion·pin mnemonic phrase words seed unseal"],
  [PART.told, "for· attempt· as·"],
  [PART.signIn, "auth login logon sign-in signin bind"],
  [HINT.digest, "private wallet signing privkey ntlm hash"],
  [HINT.cookie, "cookie"],
  [HINT.beside, "token credential secret password passphrase jwt"],
  [HINT.beside, "api·key api_key api-key apikey access·key access_key auth·key auth_key auth-key authkey"],
  [HINT.beside, "signing·key signing_key sessionid session·id session_id session-id"],
  [
    PART.keyName,
    "kty encrypt¬ tokens¬ -sign¬ _sign¬ pat¬ honeycomb-team pass¬ passw passp passc passe¬ pwd pw¬ psw¬ psk¬ pswd secret token¬ key¬ keys¬ auth¬ authoriz cred sig¬ signature sid¬",
  ],
  [
    PART.keyName,
    "session¬ sessid sessionid session·id session_id session-id session.id jwt bearer otp¬ pin¬ cvc cvv ssn social phone¬",
  ],
  [
    PART.keyName,
    "mobile¬ msisdn iban card¬ cardn kennwort wachtwoord contrase senha haslo heslo losenord salasana adgangskode",
  ],
  [PART.keyName, "saml mnemonic phrase stringdata sandi codev code_v code-v code·v code.v 2fa mfa"],
  [
    PART.keyName,
    "verification timecode time_code time-code time·code logincode login_code login-code login·code",
  ],
  [PART.keyName, "smscode sms_code sms-code sms·code recovery backupc backup_c backup-c backup·c"],
  [PART.pair, "= : > < , ; | ·· \t %3 %253 u003 x3 &# &equals &colon &gt"],
  [HINT.at, "@ %40 %2540 &#64; &#x40; &commat; u0040 (at [at"],
  [HINT.called, "phone tel mobile cell fax sms whatsapp call"],
  [HINT.ssn, "ssn social"],
  [HINT.phone, "^+0 ^+1 ^+2 ^+3 ^+4 ^+5 ^+6 ^+7 ^+8 ^+9 )0 )1 )2 )3 )4 )5 )6 )7 )8 )9"],
  [HINT.phone, "%2b )·0 )·1 )·2 )·3 )·4 )·5 )·6 )·7 )·8 )·9"],
];
