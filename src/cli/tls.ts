import { CliError, EXIT } from "./exit.ts";

/** Node's codes of a certificate that no authority it knows has signed. */
const UNTRUSTED = new Set([
  ...["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ...["UNABLE_TO_GET_ISSUER_CERT", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "CERT_UNTRUSTED"],
]);

/** Why no connection by TLS came about with something that does answer; undefined where that was not it. */
export function explainTls(error: unknown, address: string): CliError | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const why = whyOf(code, address);
  return why === undefined ? undefined : new CliError(why, EXIT.unreachable);
}

function whyOf(code: string, address: string): string | undefined {
  if (UNTRUSTED.has(code))
    return `The certificate of ${address} is not trusted: if its authority is your own, name the file with that one's certificate in NODE_EXTRA_CA_CERTS.`;
  switch (code) {
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `The certificate of ${address} is for another name: give LOGHUNTER_URL the one that it is for.`;
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return `The certificate of ${address} is not valid today: renew it, or set this machine's clock.`;
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "EPROTO":
      return `What answers at ${address} does not speak TLS: correct LOGHUNTER_URL.`;
    default:
      return undefined;
  }
}
