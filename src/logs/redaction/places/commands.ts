import { IN_QUOTES, type Place } from "./place.ts";

/** What may stand between a flag and its value, in a command line as well as in a list of arguments. */
const GAP = "(?:[\"'],?\\s{0,4}|,?\\s{1,4}|=)(?:\\$?[\"'])?";
/** Words that follow a flag in a sentence about it. */
const NO_WORD =
  "(?!(?:the|your|force|prompt|is|was|are|must|should|can|cannot|may|has|and|or|for|to|in|on|of|from|with|not|flag|option|argument|parameter|requires?d?|instead)\\b)";

/** `--password`, `--db-password`, `-Password`, `/password`, also as an argument in quotes. */
const PASSWORD_FLAG =
  /(?:^|[\s"'[,(])(?:--?|\/)(?:[a-z]{1,20}[-_.]){0,3}(?:[a-z]{2,12})?(?:password|passwd|passphrase|passcode|pass|pwd)(?![\w-])/i;

/** Behind a command and its flag. The commands are those whose flags are too short to mean anything alone. */
function flag(commands: string, flags: string, value = "([^\\s\"']{1,128})"): Place {
  return {
    hint: new RegExp(`\\b(?:${commands})\\b`, "i"),
    pattern: new RegExp(`(\\b(?:${commands})\\b[^\\n|;]{0,200}?[\\s"'](?:${flags}))${value}`, "gi"),
    kind: "password",
    certain: true,
  };
}

export const IN_COMMANDS: readonly Place[] = [
  // The value is written to the flag: mysql -px, mysql -p'x'
  flag(
    "mysql|mariadb|mysqldump|mysqladmin|mysqlimport|mysqlsh|mariadb-dump|mariadb-admin|7z|7za|rar|unrar",
    "-p[\"']?",
  ),
  flag("sshpass", "-p\\s{0,4}[\"']?"),
  flag("redis-cli|valkey-cli", `(?:-a|--pass)${GAP}`),
  flag(
    "curl|http|https|wget|ab|siege|etcdctl|influx",
    "(?:-u|--user|-a|--auth|-U|--proxy-user)(?:\\s{0,4}|=)[\"']?[^\\s:\"'/]{1,64}:(?!//)",
  ),
  flag(
    "login|cqlsh|nodetool|mongo|mongosh|mongodump|mongorestore|mongoexport|kinit|vncviewer|mosquitto_pub|mosquitto_sub|ipmitool",
    `(?:-p|-P)${GAP}`,
  ),
  flag("sqlcmd|bcp|isql|tsql|osql|zip|unzip", `(?:-P)\\s{0,4}["']?`),
  flag("ldapsearch|ldapadd|ldapmodify|ldapwhoami|ldappasswd|ldapdelete", "(?:-w|-s)\\s{0,4}[\"']?"),
  flag("smbclient|rpcclient|smbmap|winexe|net", "(?:-U|--user)[= ]{0,4}[\"']?[\\w.\\\\/-]{1,64}%"),
  flag("openssl", "-k\\s{1,4}[\"']?"),
  flag("snmpget|snmpwalk|snmpset|snmptrap", "-[Ac]\\s{1,4}[\"']?"),
  flag("snmpget|snmpwalk|snmpset|snmptrap", "-X\\s{1,4}[\"']?"),
  flag("lftp", "(?:-u|--user)[ =]{1,4}[\"']?[^\\s,\"']{1,64},"),
  flag("xfreerdp|cmdkey|schtasks", "/(?:p|rp|pass):?\\s{0,2}[\"']?"),
  flag("psexec|rdesktop", "-p\\s{1,4}[\"']?"),
  flag("useradd|usermod|htpasswd", "(?:-p|-b\\w{0,4}\\s{1,4}\\S{1,128}\\s{1,4}\\S{1,64})\\s{1,4}[\"']?"),
  // net user bob x /add; net use z: \\host\share x /user:bob
  {
    hint: /\bnet\s{1,4}use/i,
    pattern: /(\bnet\s{1,4}user\s{1,4}[\w.-]{1,64}\s{1,4})([^\s/*][^\s]{2,128})/gi,
    kind: "password",
    certain: true,
  },
  {
    hint: /\bnet\s{1,4}use\s/i,
    pattern:
      /(\bnet\s{1,4}use\s{1,4}(?:\S{1,8}\s{1,4})?\\{2,4}\S{1,128}\s{1,4}["']?)([^\s/*"'][^\s"']{2,128})(?=["']?\s{1,4}\/user)/gi,
    kind: "password",
    certain: true,
  },
  // The other way round: net use z: \\\\host\\share /user:bob x
  {
    hint: /\bnet\s{1,4}use\s/i,
    pattern: /(\bnet\s{1,4}use\s[^\n]{1,200}?\s\/user:\S{1,64}\s{1,4}["']?)([^\s/*"'][^\s"']{2,128})/gi,
    kind: "password",
    certain: true,
  },
  // echo x | docker login --password-stdin, echo x | sudo -S
  {
    hint: /-S\b|-stdin|chpasswd/,
    pattern:
      /(\b(?:echo|printf)\s{1,4}(?:-n\s{1,4})?["']?(?:[\w.-]{1,64}:)?)([^\s"'|$]{3,128})(?=["']?\s{0,4}\|[^\n|]{0,80}?(?:\bsudo\s{1,4}-S\b|-stdin\b|\bchpasswd\b))/g,
    kind: "password",
    certain: true,
  },
  // In quotes it may have blanks.
  {
    hint: PASSWORD_FLAG,
    pattern: new RegExp(
      `(${PASSWORD_FLAG.source}(?:\\s{1,4}|\\s?=\\s?|["'],?\\s{0,4})\\$?\\\\{0,3}["'])([^"'\\n\\\\]{1,256})(?=\\\\{0,3}["'])(?!\\\\{0,3}["']\\s{0,4}:)`,
      "gi",
    ),
    kind: "password",
    certain: true,
  },
  {
    hint: PASSWORD_FLAG,
    pattern: new RegExp(
      `(${PASSWORD_FLAG.source}(?:["'],?)?(?:[ ]{1,4}|[ ]?=[ ]?))${NO_WORD}([^\\s"'<>,;|[(&{\\\\-][^\\s"'<]{2,255})`,
      "gi",
    ),
    kind: "password",
    certain: true,
  },
  {
    hint: /--?\w/,
    pattern:
      /((?:^|[\s"'[,(])--?(?:[a-z]{1,20}[-_.]){0,3}(?:secret|(?:secret|api|access|auth|account|shared|storage|master|encryption)-?key|token)["']?,?[ ]{1,4}["']?)([^\s"'<,][^\s"'<]{2,255})/gi,
    kind: "secret",
  },
  // ENV DB_PASSWORD x, SetEnv DB_PASSWORD x, set -x DB_PASSWORD x
  {
    hint: /env|fastcgi_param|set -/i,
    pattern: new RegExp(
      `(\\b(?:env|setenv|fastcgi_param|set -\\w{1,3})\\s{1,4}\\w{0,40}(?:PASSWORD|PASSWD|PASS|PWD|SECRET|SECRET_KEY|KEY_BASE)\\s{1,4}["']?)${NO_WORD}([^\\s"';=]{3,256})`,
      "gi",
    ),
    kind: "password",
    certain: true,
  },
  // kubectl create secret generic db --from-literal=url=x; mc alias set name address key secret
  {
    hint: /from-literal/,
    pattern: /(--from-literal[=\s]["']?[\w.-]{1,64}=["']?)([^\s"']{1,256})/g,
    kind: "secret",
    certain: true,
  },
  {
    hint: /alias set/,
    pattern: /(\bmc\s(?:-\S{1,40}\s){0,4}alias set\s\S{1,64}\s\S{1,256}\s\S{1,128}\s["']?)([^\s"']{8,128})/g,
    kind: "secret",
    certain: true,
  },
  // rabbitmqctl add_user bob x, wpa_passphrase net x
  {
    hint: /rabbitmqctl|wpa_passphrase/,
    pattern:
      /(\b(?:rabbitmqctl\s{1,4}(?:add_user|change_password)|wpa_passphrase)\s{1,4}\S{1,64}\s{1,4}["']?)([^\s"']{3,128})/g,
    kind: "password",
    certain: true,
  },
  // openssl -passin pass:x
  {
    hint: /pass:/,
    pattern: /(\s-?-?(?:pass|passin|passout)\s{1,4}["']?pass:)([^\s"']{1,128})/g,
    kind: "password",
    certain: true,
  },
  { hint: /pass:/, pattern: /(\bpass:)([^\s"']{4,128})/g, kind: "password" },
  {
    hint: /configure set/,
    pattern: /(\bconfigure set \w{0,40}(?:secret|token)\w{0,40}\s{1,4}["']?)([^\s"']{4,512})/g,
    kind: "secret",
  },
  // PowerShell
  {
    hint: /securestring/i,
    pattern: new RegExp(
      `(\\bConvertTo-SecureString\\s{1,4}(?:-(?:AsPlainText|Force)\\s{1,4}){0,2}(?:-String\\s{1,4})?\\\\{0,3}["'])(${IN_QUOTES})`,
      "gi",
    ),
    kind: "password",
    certain: true,
  },
  {
    hint: /securestring/i,
    pattern:
      /(\bConvertTo-SecureString\s{1,4}(?:-(?:AsPlainText|Force)\s{1,4}){0,2}(?:-String\s{1,4})?)([^\s"'\\$(<|-][^\s"']{2,128})/gi,
    kind: "password",
    certain: true,
  },
  {
    hint: /securestring/i,
    pattern: new RegExp(`(["'])(${IN_QUOTES})(?=["']\\s{0,4}\\|\\s{0,4}ConvertTo-SecureString\\b)`, "gi"),
    kind: "password",
    certain: true,
  },
  // SQL Server: sp_addlogin 'bob', 'x'; sp_password 'old', 'new', 'bob'
  {
    hint: /\bsp_/i,
    pattern: new RegExp(
      `(\\bsp_(?:addlogin|addapprole|setapprole)\\s{1,4}N?['"][^'"\\n]{1,128}['"]\\s{0,4},\\s{0,4}N?['"])(${IN_QUOTES})`,
      "gi",
    ),
    kind: "password",
    certain: true,
  },
  {
    hint: /\bsp_password/i,
    pattern: new RegExp(`(\\bsp_password\\s{1,4}N?')(${IN_QUOTES})(?='\\s{0,4},)`, "gi"),
    kind: "password",
    certain: true,
  },
  {
    hint: /\bsp_password/i,
    pattern: new RegExp(
      `(\\bsp_password\\s{1,4}(?:null|N?'[^'\\n]{1,128}')\\s{0,4},\\s{0,4}N?')(${IN_QUOTES})`,
      "gi",
    ),
    kind: "password",
    certain: true,
  },
  {
    hint: /\bsp_addlinked/i,
    pattern: new RegExp(
      `(\\bsp_addlinkedsrvlogin\\s{1,4}(?:(?:null|N?'[^'\\n]{0,128}')\\s{0,4},\\s{0,4}){4}N?')(${IN_QUOTES})`,
      "gi",
    ),
    kind: "password",
    certain: true,
  },
];
