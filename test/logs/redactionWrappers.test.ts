import { describe, expect, test } from "@jest/globals";
import { redact, sampleOf } from "../../src/logs/redaction.ts";
import { leastMs } from "../support/leastMs.ts";
import { BENIGN } from "./redactionBenign.ts";
import { ANY_PASSWORD, DRAWN_TOKEN, ENDLESS, MIXED_PASSWORD, TOLD } from "./redactionForms.ts";

/** Put together here, so that no scanner takes this file for a leak. None was ever real. */
const made = (...parts: string[]): string => parts.join("");

/** What people choose: only its key tells that it is a secret. */
const WORDLIKE: Readonly<Record<string, string>> = {
  "a word and a year": "Summer2024!",
  "words with a dash": "correct-horse",
  "a word and a number": "hunter2pw",
};
const RANDOM: Readonly<Record<string, string>> = {
  random: made("q7Rt", "FAKE", "9xLm2vKz"),
  hex: made("9f3c0e", "fa4e", "7d21b86a50c4e1"),
  base64: made("Zk0rQ0", "ZBS0U", "vN3h4VjE5PT0="),
  jwt: made("eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiJmYWtlIn0", ".c2lnbmF0dXJlRkFLRQ"),
};

type Wrap = (secret: string) => string;
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const inJson = (value: unknown): string => JSON.stringify(value);

/** Where any value is a secret. */
const PASSWORDS: Readonly<Record<string, Wrap>> = {
  "aligned =": (s) => `host              = db\npassword          = ${s}\nport              = 5432`,
  "aligned :": (s) => `spring.datasource.password                    : ${s}`,
  "blanks around =": (s) => `password${" ".repeat(30)}=${" ".repeat(30)}${s}`,
  "tabs around =": (s) => `DB_PASSWORD\t\t=\t\t${s}`,
  "a tab": (s) => `user\tbob\npassword\t${s}\nport\t5432`,
  "blanks only": (s) => `user          bob\npassword      ${s}\nport          5432`,
  "a no-break space": (s) => `password\u00a0=\u00a0${s}`,
  "a table's row": (s) => `| db_user | bob |\n| db_password | ${s} |\n| port | 5432 |`,
  "a table's row, aligned": (s) => `| db_password          | ${s}           |`,
  "a row of psql": (s) => ` db_password | ${s}\n`,
  "a table's column": (s) =>
    `+------+-----------+\n| name | password  |\n+------+-----------+\n| bob  | ${s} |\n+------+-----------+`,
  "a column of psql": (s) => ` id | password | name\n----+----------+-----\n  1 | ${s} | bob\n(1 row)`,
  "a box's column": (s) => `│ name │ password │\n├──────┼──────────┤\n│ bob  │ ${s} │`,
  "a column by blanks": (s) => `USER      PASSWORD      ROLE\nbob       ${s}      admin`,
  csv: (s) => `id,user,password,role\n1,bob,${s},admin\n2,eve,${s},user`,
  tsv: (s) => `user\tpassword\trole\nbob\t${s}\tadmin`,
  yaml: (s) => `db:\n  user: bob\n  password: ${s}\n  host: db`,
  "yaml, escaped": (s) => `ERROR config:\\n  user: bob\\n  password: ${s}\\n  host: db`,
  "yaml, first of a list": (s) => `users:\n  - password: ${s}\n    name: bob`,
  "yaml in quotes": (s) => `password: '${s}'\nuser: "bob"`,
  "yaml with a comment": (s) => `password: ${s}  # change me\nuser: bob`,
  "yaml block": (s) => `password: |\n  ${s}\nuser: bob`,
  "yaml folded block": (s) => `  password: >-\n    ${s}\n  user: bob`,
  "yaml on the next line": (s) => `password:\n  ${s}\nuser: bob`,
  "yaml list": (s) => `passwords:\n  - old-${s}\n  - ${s}\nuser: bob`,
  "yaml list, not indented": (s) => `passwords:\n- ${s}\n- "${s}"\nuser: bob`,
  "yaml below": (s) => `password:\n  value: ${s}\n  hint: pet`,
  "yaml map in braces": (s) => `db: {user: bob, password: ${s}}`,
  "kubernetes env": (s) => `env:\n- name: DB_PASSWORD\n  value: ${s}\n- name: PORT\n  value: "80"`,
  toml: (s) => `[db]\nuser = "bob"\npassword = "${s}"`,
  "toml, three quotes": (s) => `password = """${s}"""`,
  "toml, three quotes and lines": (s) => `password = '''\n${s}'''\nuser = "bob"`,
  ini: (s) => `[client]\nuser=bob\npassword=${s}\n[mysqld]\nport=3306`,
  properties: (s) => `spring.datasource.password: ${s}\nspring.datasource.username: bob`,
  "xml attribute pair": (s) => `<add key="Password" value="${s}"/>`,
  "xml attribute pair, reversed": (s) => `<add value="${s}" key="Password" />`,
  "xml property": (s) => `<property name="dbPassword">${s}</property>`,
  "xml property with value": (s) => `<bean><property name="password" value="${s}"/></bean>`,
  "xml attribute": (s) => `<datasource user="bob" password="${s}" url="x"/>`,
  "xml element": (s) => `<user>bob</user><db:password type="plain">${s}</db:password>`,
  "xml element of many lines": (s) => `<password>\n  ${s}\n</password>`,
  "xml cdata": (s) => `<password><![CDATA[${s}]]></password>`,
  "xml name and value": (s) =>
    `<property>\n  <name>javax.jdo.option.ConnectionPassword</name>\n  <value>${s}</value>\n</property>`,
  plist: (s) => `<key>password</key><string>${s}</string>`,
  "xml, escaped": (s) => `body=&lt;password&gt;${s}&lt;/password&gt;`,
  "xml, unicode escapes": (s) => `{"xml":"\\u003cpassword\\u003e${s}\\u003c/password\\u003e"}`,
  "html input": (s) => `<input type="password" name="pw" value="${s}">`,
  "sql insert": (s) => `insert into users(name,password) values ('bob','${s}')`,
  "sql insert, many rows": (s) =>
    `INSERT INTO "users" ("id", "password", "name") VALUES (1, 'x${s}', 'eve'), (2, '${s}', 'bob')`,
  "sql insert, with a function": (s) =>
    `INSERT INTO users (id, name, passwd) VALUES (nextval('ids'), 'bob', md5('${s}'))`,
  "sql insert, in json": (s) => inJson({ sql: `insert into users (name, password) values ("bob", "${s}")` }),
  "sql insert, parameters": (s) =>
    `query: INSERT INTO "users"("name", "password") VALUES ($1, $2) -- PARAMETERS: ["bob","${s}"]`,
  "sql set": (s) => `update users set password = '${s}' where id = 4`,
  "sql where": (s) => `select id from users where name='bob' and password='${s}'`,
  "sql function": (s) => `SET PASSWORD FOR 'bob'@'%' = PASSWORD('${s}')`,
  "sql identified by": (s) => `CREATE USER 'bob'@'%' IDENTIFIED BY '${s}'`,
  "sql role": (s) => `ALTER ROLE app WITH LOGIN PASSWORD '${s}'`,
  "json pair": (s) => inJson(["password", s]),
  "json list of pairs": (s) =>
    inJson([
      ["user", "bob"],
      ["password", s],
    ]),
  "json key and value": (s) => inJson([{ key: "password", value: s }]),
  "json value and key": (s) => inJson([{ value: s, key: "password" }]),
  "json name and value": (s) => inJson({ name: "DB_PASSWORD", value: s }),
  "json value and name": (s) => inJson({ value: s, name: "DB_PASSWORD" }),
  "json, pretty": (s) => JSON.stringify({ user: "bob", password: s }, null, 2),
  "json list": (s) => inJson({ passwords: ["first-one", s], user: "bob" }),
  "json below": (s) => inJson({ password: { value: s, length: 9 } }),
  "json, twice": (s) => inJson({ body: inJson({ password: s }) }),
  "json, three times": (s) => inJson({ a: inJson({ b: inJson({ password: s }) }) }),
  "json, pairs twice": (s) => inJson({ body: inJson([{ key: "password", value: s }]) }),
  "json, unicode escapes": (s) => `\\u0022password\\u0022\\u003a\\u0022${s}\\u0022`,
  "gson's equals": (s) => `{"url":"x?password\\u003d${s}\\u0026a\\u003d1"}`,
  "python dict": (s) => `{'user': 'bob', 'password': '${s}'}`,
  "python tuple": (s) => `[('user', 'bob'), ('password', '${s}')]`,
  "python bytes": (s) => `{b'user': b'bob', b'password': b'${s}'}`,
  "python keywords": (s) => `connect(user='bob', password='${s}', port=5432)`,
  "go struct": (s) => `{User:bob Password:${s} Port:5432}`,
  "go struct, %#v": (s) => `main.Config{User:"bob", Password:"${s}", Port:5432}`,
  "go map": (s) => `map[password:${s} user:bob]`,
  "go map of lists": (s) => `map[password:[${s}] user:[bob]]`,
  "java toString": (s) => `Creds(user=bob, password=${s})`,
  "java record": (s) => `Creds[user=bob, password=${s}]`,
  "java bean": (s) => `Creds{user='bob', password='${s}'}`,
  "java optional": (s) => `Creds(user=bob, password=Optional[${s}])`,
  "rust debug": (s) => `Config { user: "bob", password: Some("${s}"), port: 5432 }`,
  "ruby hash": (s) => `{:user=>"bob", :password=>"${s}"}`,
  "ruby strings": (s) => `Parameters: {"user"=>{"email"=>"x", "password"=>"${s}"}}`,
  elixir: (s) => `%{user: "bob", password: "${s}"}`,
  erlang: (s) => `[{user,"bob"},{password,"${s}"}]`,
  "php print_r": (s) => `Array\n(\n    [user] => bob\n    [password] => ${s}\n)`,
  "php var_dump": (s) => `array(1) {\n  ["password"]=>\n  string(${s.length}) "${s}"\n}`,
  "php serialize": (s) => `a:1:{s:8:"password";s:${s.length}:"${s}";}`,
  "csharp anonymous": (s) => `{ User = bob, Password = ${s} }`,
  export: (s) => `export DB_PASS=${s}`,
  "docker -e": (s) => `docker run -e PASS=${s} -p 80:80 app`,
  "windows set": (s) => `set PASS=${s}`,
  "powershell env": (s) => `$env:DB_PASSWORD = "${s}"`,
  "pg environment": (s) => `PGPASSWORD=${s} psql -h db -U app`,
  "flag with =": (s) => `run --password=${s} --host db`,
  "flag and blank": (s) => `run --password ${s} --host db`,
  "flag and quotes": (s) => `run --db-password '${s}' --host db`,
  "flags in a list": (s) => `["run","--password","${s}","--host","db"]`,
  "powershell flag": (s) => `New-Login -User bob -Password ${s}`,
  "msbuild flag": (s) => `tool /password:${s} /user:bob`,
  "java property": (s) => `java -Djavax.net.ssl.keyStorePassword=${s} -jar app.jar`,
  "mysql -p": (s) => `mysql -uroot -p${s} -h db`,
  "mysql -p''": (s) => `mysqldump -uroot -p'${s}' shop`,
  sshpass: (s) => `sshpass -p '${s}' ssh root@10.0.0.4`,
  "redis-cli": (s) => `redis-cli -a ${s} ping`,
  "docker login": (s) => `docker login -u bob -p ${s} registry.example.com`,
  "curl -u": (s) => `curl -u bob:${s} https://example.com`,
  "curl --user": (s) => `curl --user 'bob:${s}' https://example.com`,
  httpie: (s) => `http -a bob:${s} example.com/x`,
  sqlcmd: (s) => `sqlcmd -S db -U sa -P '${s}' -Q x`,
  ldapsearch: (s) => `ldapsearch -x -D cn=admin -w ${s} -b dc=x`,
  smbclient: (s) => `smbclient //srv/share -U bob%${s}`,
  "net user": (s) => `net user bob ${s} /add`,
  sudo: (s) => `echo '${s}' | sudo -S apt update`,
  chpasswd: (s) => `echo "root:${s}" | chpasswd`,
  sqlplus: (s) => `sqlplus scott/${s}@orcl`,
  openssl: (s) => `openssl rsa -in k.pem -passin pass:${s}`,
  "redis configuration": (s) => `requirepass ${s}`,
  netrc: (s) => `machine example.com login bob password ${s}`,
  url: (s) => `dial postgres://app:${s}@db:5432/shop failed`,
  "url without user": (s) => `redis://:${s}@redis:6379/0`,
  "url with an at sign": (s) => `amqp://guest:p@x${s}@mq:5672/vhost`,
  "url with a slash": (s) => `postgres://app:p/x${s}@db/shop`,
  "url with escaped slashes": (s) => `{"dsn":"postgres:\\/\\/app:${s}@db\\/shop"}`,
  "url, encoded": (s) => `next=postgres%3A%2F%2Fapp%3A${encodeURIComponent(s)}%40db%3A5432%2Fshop`,
  "url, encoded twice": (s) => `next=postgres%253A%252F%252Fapp%253A${s}%2540db%253A5432`,
  "url without scheme": (s) => `connecting to app:${s}@db:5432/shop`,
  "url without scheme, local": (s) => `dsn=app:${s}@localhost:3306`,
  "url query": (s) => `GET /login?user=bob&password=${s}&x=1`,
  "url fragment": (s) => `https://example.com/#user=bob&password=${s}`,
  "url, encoded query": (s) => `url=%2Flogin%3Fuser%3Dbob%26password%3D${encodeURIComponent(s)}%26x%3D1`,
  "nested form": (s) => `user[name]=bob&user[password]=${s}`,
  "nested form, encoded": (s) => `user%5Bname%5D=bob&user%5Bpassword%5D=${s}`,
  jdbc: (s) => `jdbc:sqlserver://db:1433;user=sa;password=${s};encrypt=true`,
  "jdbc of oracle": (s) => `jdbc:oracle:thin:scott/${s}@db:1521:orcl`,
  odbc: (s) => `Driver={ODBC Driver 17};Server=db;Uid=sa;Pwd=${s};`,
  "odbc in braces": (s) => `Server=db;Uid=sa;Pwd={${s}};`,
  "ado.net": (s) => `Data Source=db;User ID=sa;Password=${s};Pooling=true`,
  "mysql dsn": (s) => `app:${s}@tcp(db:3306)/shop`,
  "many lines": (s) => `password="first line\n${s}"\nuser="bob"`,
  "next line": (s) => `"password":\n    "${s}"`,
  "basic authorization": (s) => `Authorization: Basic ${base64(`bob:${s}`)}`,
  "html entities": (s) => `&quot;password&quot;:&quot;${s}&quot;`,
  "html numbers": (s) => `&#34;password&#34;&#58;&#34;${s}&#34;`,
  "html equals": (s) => `password&#61;${s}`,
  "zero width in the key": (s) => `pass\u200bword=${s}`,
  "soft hyphen in the key": (s) => `pass\u00adword: "${s}"`,
  "colours in the key": (s) => `pass\u001b[1mword\u001b[0m=${s}`,
  "colours around": (s) => `\u001b[36mpassword\u001b[0m=\u001b[33m${s}\u001b[0m`,
  "a control character in the key": (s) => `pass\u0000word=${s}`,
  "printed quotes": (s) => `password=“${s}”`,
  "french quotes": (s) => `password = «${s}»`,
  backticks: (s) => `password: \`${s}\``,
  "full width": (s) => `password：${s}`,
  "array's index": (s) => `passwords[0]=${s}`,
  "an arrow": (s) => `password -> "${s}"`,
  "dots to the value": (s) => `password ........ : ${s}1`,
  "a remark": (s) => `password (old)=${s}`,
  dynamo: (s) => inJson({ password: { S: s } }),
  "cloud formation": (s) => inJson({ ParameterKey: "DBPassword", ParameterValue: s }),
  "value, type and name": (s) => inJson({ value: s, type: "string", name: "password" }),
  "name and values": (s) => inJson({ Name: "password", Values: [s] }),
  "erlang map of binaries": (s) => `#{user => <<"bob">>, password => <<"${s}">>}`,
  clojure: (s) => `{:password "${s}", :user "bob"}`,
  "go spew": (s) => `Password: (string) (len=${s.length}) "${s}"`,
  "go pointer": (s) => `&main.Cfg{Password:(*string)("${s}")}`,
  "php protected": (s) => `User Object ( [password:protected] => ${s} )`,
  dockerfile: (s) => `Step 4/9 : ENV DB_PASSWORD ${s}`,
  "apache environment": (s) => `SetEnv DB_PASSWORD ${s}`,
  "a plan of changes": (s) => `  ~ password = "old-${s}" -> "${s}"`,
  "postgres detail": (s) => `DETAIL: Key (name, password)=(bob, ${s}) already exists.`,
  "sql insert, after a call": (s) => `insert into t (at, "apiPassword") values (now(), E'${s}')`,
  "sql crypt": (s) => `select crypt('${s}', gen_salt('bf'))`,
  "a new password": (s) => `new password '${s}' set for bob`,
  "yaml type": (s) => `password: !!str ${s}\nuser: bob`,
  "yaml vault": (s) => `password: !vault |\n  ${s}\nuser: bob`,
  "french, spaced": (s) => `Mot de passe = ${s}`,
  "angle brackets": (s) => `password=<${s}7x>`,
  "entity quotes": (s) => `password=&ldquo;${s}&rdquo;`,
  "look-alike zero": (s) => `passw0rd=${s}`,
  rabbitmqctl: (s) => `rabbitmqctl change_password bob ${s}`,
  "net use": (s) => `net use z: \\\\srv\\share ${s} /user:bob`,
  "full width letters": (s) => `ｐａｓｓｗｏｒｄ=${s}`,
  "with a comma inside": (s) => `password=x9,7z${s} host=db`,
  "with a semicolon inside": (s) => `DB_PASS=x9;7z${s}`,
  "not equal": (s) => `password != '${s}'`,
};

const PASSWORD_KEYS = [
  "PASSWORD",
  "DB_PASSWORD",
  "db-password",
  "dbPassword",
  "userpassword",
  "service_password",
  "storePassword",
  "login_password",
  "passwd",
  "Passwd1",
  "password2",
  "pwd",
  "MYSQL_PWD",
  "DBPASS",
  "smtp_pass",
  "rootpw",
  "passphrase",
  "ssl.key.password",
  "password_confirmation",
  "newPassword",
  "pass",
  "passwort",
  "Kennwort",
  "wachtwoord",
  "mot_de_passe",
  "motDePasse",
  "contraseña",
  "contrasena",
  "senha",
  "hasło",
  "heslo",
  "lösenord",
  "пароль",
  "密码",
  "パスワード",
  "비밀번호",
];

/** Where a random value is a secret, and a word is a name. */
const TOKENS: Readonly<Record<string, Wrap>> = {
  header: (s) => `X-Auth-Token: ${s}`,
  "header flag": (s) => `curl -H 'X-Auth-Token: ${s}' https://example.com`,
  "header flag, key": (s) => `curl -H "X-Api-Key: ${s}" https://example.com`,
  "header pair": (s) => `["Authorization","Bearer ${s}"]`,
  "flat headers": (s) => `["Host","example.com","Authorization","Bearer ${s}","Accept","*/*"]`,
  "header object": (s) => inJson({ name: "X-Api-Key", value: s }),
  "header object, reversed": (s) => inJson({ value: s, name: "X-Api-Key" }),
  "header lists": (s) => inJson({ headers: { "X-Api-Key": ["none", s] } }),
  "grpc metadata": (s) => `metadata: map[authorization:[Bearer ${s}] content-type:[application/grpc]]`,
  "grpc metadatum": (s) => `_Metadatum(key='authorization', value='Bearer ${s}')`,
  "grpc pairs": (s) => `(('x-api-key', '${s}'), ('user-agent', 'grpc'))`,
  "aligned =": (s) => `api_key              = ${s}`,
  "yaml below secrets": (s) => `secrets:\n  stripe: ${s}\n  host: db`,
  "yaml below credentials": (s) => `credentials:\n  username: bob\n  value: ${s}`,
  "yaml below string data": (s) => `stringData:\n  config: ${s}\nkind: Secret`,
  "json below credentials": (s) => inJson({ credentials: { user: "bob", stripe: s } }),
  "yaml list": (s) => `api_keys:\n  - ${s}\n`,
  "sql where": (s) => `select * from sessions where token='${s}'`,
  "sql insert": (s) => `insert into sessions (id, token) values (4, '${s}')`,
  "table's column": (s) => `| name | api_key |\n|------|---------|\n| bob | ${s} |`,
  "table's row": (s) => `| auth_token | ${s} |`,
  "xml attribute pair": (s) => `<add key="ApiKey" value="${s}"/>`,
  "xml element": (s) => `<ns:accessToken>${s}</ns:accessToken>`,
  fragment: (s) => `https://example.com/cb#access_token=${s}&state=1`,
  "encoded query": (s) => `%3Faccess_token%3D${s}%26`,
  flag: (s) => `run --token ${s}`,
  "flag with =": (s) => `run --api-key=${s}`,
  export: (s) => `export GITHUB_TOKEN=${s}`,
  "user of a url": (s) => `git clone https://${encodeURIComponent(s)}@example.com/x.git`,
  sentence: (s) => `the token is ${s}`,
  "spaced key": (s) => `API key: ${s}`,
  "below, list of items": (s) => inJson({ credentials: [{ name: "x", value: s }] }),
  "ftp command": (s) => `USER bob\r\nPASS ${s.replace(/[/.]/g, "")}\r\n`,
  "imap command": (s) => `a1 LOGIN bob ${s.replace(/[/.]/g, "")}`,
  "for whom": (s) => `Password for bob: ${s}`,
  "answer to a prompt": (s) => `Password:\n${s}\n`,
  "sentence with using": (s) => `connecting using password ${s}`,
};

const PERSONAL: readonly (readonly [text: string, secret: string])[] = [
  ["phone: +49 (0)30 / 123 45 67", "123 45 67"],
  ["call +1.555.555.0172 now", "555.0172"],
  ["call +44 20 7946 0958 now", "7946 0958"],
  ["call +49\u00a030\u00a01234567 now", "1234567"],
  ["phone=555 555 0172 ok", "555 0172"],
  ["phoneNumber: 030/1234567", "1234567"],
  ['{"mobile":"0172 12 34 567"}', "12 34"],
  ["tel: 555-555-0172", "555-0172"],
  ["to bob.smith+news@example.com", "bob.smith"],
  ['to "bob smith"@example.com', "bob smith"],
  ["to jürgen@example.de", "rgen"],
  ["to bob@exämple.de", "bob@"],
  ["to bob.smith(at)example.com", "bob.smith"],
  ["to bob.smith [at] example [dot] com", "bob.smith"],
  ["to bob.smith%40example.com", "bob.smith"],
  ["to bob.smith&#64;example.com", "bob.smith"],
  ["to o'brien@example.com", "brien"],
  ["iban gb82 west 1234 5698 7654 32", "1234 5698"],
  ["iban GB82-WEST-1234-5698-7654-32", "1234-5698"],
  ["to de89370400440532013000", "0440532013"],
  ["to DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000", "0044"],
  ["paid with 4111.1111.1111.1111", "1111.1111"],
  ["paid with 4111\u00a01111\u00a01111\u00a01111", "1111\u00a01111"],
  ["paid with 4111-1111-1111-1111", "1111-1111"],
  ["card_number=4111 1111 1111 1111", "1111 1111"],
  ["ssn 078 05 1120", "05 1120"],
  ["ssn=078051120", "078051120"],
  ["social security number: 078-05-1120", "05-1120"],
  ["passport: C01X00T47", "C01X00T47"],
  ["passport_number=X1234567", "X1234567"],
];

const PASSPHRASES = [
  'passphrase="correct horse battery staple"',
  "passphrase = correct horse battery staple",
  "password: correct horse battery staple\nuser: bob",
  "--passphrase 'correct horse battery staple'",
  "mnemonic: correct horse battery staple ocean river stone cloud lamp paper tiger eagle",
  "<password>correct horse battery staple</password>",
  "password: |\n  correct horse\n  battery staple\nuser: bob",
];

function leaks(text: string, secret: string): string | undefined {
  for (const redacted of [redact(text), sampleOf(text)]) {
    // A part as long as that is as good as all of it.
    const part = Math.ceil(secret.length * 0.6);
    for (let at = 0; at + part <= secret.length; at++) {
      if (redacted.includes(secret.slice(at, at + part))) return redacted;
    }
  }
  return undefined;
}

function expectRedacted(wrap: Wrap, secrets: Readonly<Record<string, string>>): void {
  for (const secret of Object.values(secrets)) {
    const text = wrap(secret);
    for (const form of [text, `2026-11-24T03:04:05Z ERROR ${text}`]) {
      // A stamp before the first line of a listing makes another listing.
      if (form !== text && /\n|^\s|\t|\|/.test(text)) continue;
      expect({ form, leak: leaks(form, secret) }).toEqual({ form, leak: undefined });
      expect(redact(redact(form))).toBe(redact(form));
    }
  }
}

describe("no password survives in", () => {
  test.each(Object.entries({ ...PASSWORDS, ...ANY_PASSWORD }))("%s", (_name, wrap) =>
    expectRedacted(wrap, { ...WORDLIKE, ...RANDOM }),
  );
});

describe("no password survives under the key", () => {
  test.each(PASSWORD_KEYS)("%s", (key) => {
    expectRedacted((secret) => `${key}=${secret}`, { ...WORDLIKE, ...RANDOM });
    expectRedacted((secret) => inJson({ user: "bob", [key]: secret }), { ...WORDLIKE, ...RANDOM });
    expectRedacted((secret) => `${key}            : ${secret}\nuser: bob`, RANDOM);
  });
});

describe("what is mixed as passwords are survives nowhere", () => {
  const { random = "", hex = "", base64: encoded = "" } = RANDOM;
  const mixed = { random, hex, encoded, word: "hunter2pw", year: "Summer2024!", short: "x7Kp9q" };
  test.each(Object.entries(MIXED_PASSWORD))("%s", (_name, wrap) => {
    expectRedacted(wrap, mixed);
    const benign = wrap("someword");
    expect(redact(benign)).toBe(
      redact(benign.replace("someword", "otherone")).replace("otherone", "someword"),
    );
  });
});

describe("no token survives in", () => {
  test.each(Object.entries({ ...TOKENS, ...DRAWN_TOKEN }))("%s", (_name, wrap) =>
    expectRedacted(wrap, RANDOM),
  );
});

describe("no personal data survive in", () => {
  test.each(PERSONAL)("%s", (text, secret) => {
    expect(redact(text)).not.toContain(secret);
    expect(sampleOf(text)).not.toContain(secret);
    expect(redact(redact(text))).toBe(redact(text));
  });
});

describe("nothing survives of what a text tells by its form", () => {
  test.each(TOLD)("%s", (text, secret) => {
    for (const form of [text, `2026-11-24T03:04:05Z ERROR ${text}`]) {
      expect({ form, leak: leaks(form, secret) }).toEqual({ form, leak: undefined });
      expect(redact(redact(form))).toBe(redact(form));
    }
  });
});

describe("no passphrase of words survives in", () => {
  test.each(PASSPHRASES)("%j", (text) => {
    expect(redact(text)).not.toMatch(/horse|battery|staple|tiger/);
    expect(redact(redact(text))).toBe(redact(text));
  });
});

describe("redaction leaves alone", () => {
  test.each(BENIGN)("%j", (line) => expect(redact(line)).toBe(line));

  test("what stands around a secret", () => {
    const secret = "hunter2pw";
    for (const [wrap, kind] of [
      [PASSWORDS["a table's column"], "password"],
      [PASSWORDS["sql insert, many rows"], "password"],
      [PASSWORDS["xml name and value"], "password"],
      [PASSWORDS["php print_r"], "password"],
      [PASSWORDS["kubernetes env"], "password"],
      [PASSWORDS["json value and key"], "password"],
    ] as const) {
      const text = wrap?.(secret) ?? "";
      expect(redact(text)).toBe(text.replaceAll(/x?hunter2pw/g, `<redacted:${kind}>`));
    }
  });
});

describe("redaction of long texts is linear for", () => {
  test.each([
    ["names and values", '"name":"password","value":'.repeat(20_000)],
    ["names", "name=".repeat(100_000)],
    ["values", "value=".repeat(100_000)],
    ["placeholders", `token=$${"{"}`.repeat(60_000)],
    ["tables", "| a | password |\n".repeat(30_000)],
    ["inserts", "insert into a(password) values (".repeat(16_000)],
    ["blocks", "password: |\n ".repeat(40_000)],
    ["maps", "password: {".repeat(45_000)],
    ["tags", "<password>".repeat(50_000)],
    ["blanks", "password = ".padEnd(500_000)],
    ["quotes of all kinds", "token=\"token='token=“token=«token=`".repeat(15_000)],
    ["remarks", "password (a) ".repeat(40_000)],
    ["leading dots", "password .....".repeat(35_000)],
    ["answers", "password:\n".repeat(50_000)],
    ["changes", `password="a" -> ${'"b" -> '.repeat(70_000)}`],
    ["conflicts", "(password)=(".repeat(40_000)],
    ["spaces", "password    ".repeat(40_000)],
    ["lists", `password=[${'"a", '.repeat(90_000)}`],
    ["arrows", "password->".repeat(50_000)],
    ["escaped lines", "secrets:\\n  a".repeat(35_000)],
    ["commands", "curl mysql openssl net -u -p ".repeat(17_000)],
    ["create", "create user x password ".repeat(20_000)],
    ["echo", "echo a | sudo ".repeat(35_000)],
    ["addresses spelt out", "a (at) b ".repeat(55_000)],
    ["flags", "--password ".repeat(45_000)],
    ["encoded URLs", "%3A%2F%2Fa%3A".repeat(38_000)],
    ["plain addresses", "a:b@c".repeat(100_000)],
    ["digits in groups", "4111.".repeat(100_000)],
    ["dots", "a.".repeat(250_000)],
    ...ENDLESS,
  ])("%s", (_name, text) => {
    redact(text.slice(0, 50_000));
    // Quadratic work would take minutes.
    expect(leastMs(() => redact(text), 3)).toBeLessThan(100);
  });
});
