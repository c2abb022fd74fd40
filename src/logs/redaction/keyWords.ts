/** Last words that make a key talk about a secret rather than hold it: `password_policy`, `tokenType`, `secret-name`. */
export const ABOUT: ReadonlySet<string> = new Set(
  (
    "policy policies length min max age expiry expires expire expired expiration attempts attempt changed change id ids " +
    "name names path paths file files type types count counts url uri field fields hint required version provider " +
    "enabled disabled ttl lifetime timeout left limit limits at in on ms seconds minutes hours days date time last set " +
    "status state missing error errors invalid valid ref refs selector page continuation next cancellation fencing " +
    "bucket prefix usage manager service endpoint issuer audience scope scopes store algorithm alg arn rotation " +
    "index position strength score rule rules regex pattern check checks retries retry encoder encoding method mode " +
    "format label placeholder title message msg description validator validation source handler controller filter " +
    "module plugin class template form prompt generator cost rounds supported allowed history complexity grant flow " +
    "link size bytes chars characters location dir directory reset rate ratio through percent authentication " +
    "engine engines backend backends group operator lease owner namespace env environment region driver " +
    "column constraint idx login mount mounts volume email length"
  ).split(" "),
);

/** `page_token`, `max_tokens`, `min_password`: no secrets. Only the word right before the last counts. */
export const HARMLESS_BEFORE_TOKEN: ReadonlySet<string> = new Set(
  "page next sync delta continuation cancellation fencing max min start end stop unexpected cursor pagination resume pass-through".split(
    " ",
  ),
);

/** `api_key` and its kind; a bare `key`, `primary_key`, `partition_key`, `routing_key`, `public_key` are none. */
export const KEY_OF: ReadonlySet<string> = new Set(
  (
    "api access private secret account auth authentication encryption encrypt signing sign master session shared " +
    "service app application admin license licence client webhook hmac aes rsa ssh deploy storage subscription " +
    "integration server write read ingest functions host root x decryption jwt cookie sas ec " +
    "fastly algolia openai anthropic gemini mistral groq sendgrid mailgun mailchimp twilio datadog dd opsgenie honeycomb " +
    "ingestion symmetric consumer cipher webhooks vault smtp"
  ).split(" "),
);

export const PERSONAL: ReadonlyMap<string, string> = new Map([
  ["ssn", "ssn"],
  ["social security", "ssn"],
  ["cvv", "card-code"],
  ["cvv2", "card-code"],
  ["cvc", "card-code"],
  ["otp", "otp"],
  ["pin", "pin"],
  ["totp", "otp"],
  ["otp code", "otp"],
  ["totp code", "otp"],
  ["mfa code", "otp"],
  ["2fa code", "otp"],
  ["2 fa code", "otp"],
  ["verification code", "otp"],
  ["one time code", "otp"],
  ["login code", "otp"],
  ["sms code", "otp"],
  ["recovery code", "recovery-code"],
  ["recovery codes", "recovery-code"],
  ["backup code", "recovery-code"],
  ["backup codes", "recovery-code"],
  ["phone", "phone"],
  ["telephone", "phone"],
  ["mobile", "phone"],
  ["msisdn", "phone"],
  ["passport", "passport"],
  ["iban", "iban"],
  ["card", "card"],
  ["credit card", "card"],
  ["cardnumber", "card"],
]);

/** A name of a program's file: what follows is a line in it. */
export const SOURCE_FILE =
  /\.(?:java|[cm]?[jt]sx?|go|py|rb|rs|c|cc|cpp|h|cs|php|kt|scala|exs?|swift|vue|html?|ya?ml|json|toml|xml|txt|md|sql|sh|log|so|dll|exe|jar)$/i;
