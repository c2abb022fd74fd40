import { type Failure, later, refused } from "./failure.ts";
import type { ModelProvider } from "./provider.ts";

/** What it means that no answer came about. Told by the system's codes: messages hold addresses and headers. */
export function failureOfSocket(error: unknown, { called, settings, isAtHome }: ModelProvider): Failure {
  const codes = codesOf(error);
  if (isAtHome && NO_CONNECTION.test(codes)) {
    const why = /ENOTFOUND|EAI_AGAIN/.test(codes) ? ": its name cannot be looked up" : "";
    return later(
      `${called} cannot be reached from this machine${why}. Check its DNS and its way to the internet; a proxy is named by MODEL_PROXY.`,
    );
  }
  if (CERTIFICATE.test(codes)) {
    return refused(
      `The certificate of ${called} is not accepted. Check ${settings.baseUrl}; an authority of your own is named by NODE_EXTRA_CA_CERTS.`,
    );
  }
  if (NOT_TLS.test(codes)) {
    return refused(
      `What answers at the address of ${called} does not speak the protocol of it. Check http and https in ${settings.baseUrl}.`,
    );
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(codes)) {
    return later(`The name in ${settings.baseUrl} of ${called} cannot be looked up. Check it, and DNS.`);
  }
  if (/ECONNREFUSED/.test(codes)) {
    return later(`Nothing listens at the address of ${called}. Check that it runs, and ${settings.baseUrl}.`);
  }
  if (/ETIMEDOUT|CONNECT_TIMEOUT|EHOSTUNREACH|ENETUNREACH/.test(codes)) {
    return later(`${called} cannot be reached. Check the network between, and ${settings.baseUrl}.`);
  }
  return later(`The connection to ${called} broke before it answered.`);
}

/** Whether a connection had come about: what was sent over it may have arrived, and be worked on. */
export function brokeOnTheWay(error: unknown): boolean {
  return ![CERTIFICATE, NOT_TLS, NO_CONNECTION].some((code) => code.test(codesOf(error)));
}

const NO_CONNECTION = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|CONNECT_TIMEOUT|EHOSTUNREACH|ENETUNREACH/;
/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE = /CERT|ERR_TLS|UNABLE_TO_(?:VERIFY|GET_ISSUER)/;
/** TLS spoken to a plain port, and the reverse. */
const NOT_TLS = /EPROTO|ERR_SSL|\bHPE_/;

/** The codes of an error and of what caused it. */
function codesOf(error: unknown): string {
  const codes: string[] = [];
  for (let at = error; typeof at === "object" && at !== null && codes.length < 8; ) {
    const { code, cause, errors } = at as { code?: unknown; cause?: unknown; errors?: unknown };
    codes.push(typeof code === "string" ? code : "");
    // One try an address of the name: the first tells enough.
    at = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return codes.join(" ");
}
