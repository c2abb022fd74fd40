/**
 * Abbreviations of zones as loggers print them, in hours east of UTC: those of the tz database, and those
 * that Java and older systems still print. Where one stands for several, the commoner is meant: IST is
 * India's, CST, EST, MST and PST are North America's, BST is British summer time, AST the Atlantic's.
 */
const HOURS: Readonly<Record<string, string>> = {
  "-11": "SST",
  "-10": "HST",
  "-9": "AKST HDT",
  "-8": "PST AKDT",
  "-7": "MST PDT",
  "-6": "CST MDT",
  "-5": "EST CDT COT PET ECT",
  "-4": "EDT AST VET BOT CLT",
  "-3.5": "NST",
  "-3": "ADT BRT ART UYT CLST",
  "-2.5": "NDT",
  "-2": "BRST",
  "0": "Z UTC UCT UT GMT WET",
  "1": "CET MET BST WEST WAT",
  "2": "CEST MEST EET SAST CAT",
  "3": "EEST MSK IDT EAT TRT",
  "3.5": "IRST",
  "4": "MSD SAMT GST",
  "4.5": "AFT IRDT",
  "5": "PKT YEKT UZT",
  "5.5": "IST",
  "5.75": "NPT",
  "6": "OMST BDT",
  "6.5": "MMT",
  "7": "KRAT ICT WIB",
  "8": "IRKT SGT HKT AWST MYT PHT PHST WITA",
  "9": "JST KST YAKT WIT",
  "9.5": "ACST",
  "10": "AEST VLAT CHST",
  "10.5": "ACDT",
  "11": "AEDT MAGT",
  "12": "NZST PETT",
  "13": "NZDT",
};

/** Minutes east of UTC by abbreviation. */
export const ABBREVIATIONS: ReadonlyMap<string, number> = new Map(
  Object.entries(HOURS).flatMap(([hours, names]) =>
    names.split(" ").map((name): [string, number] => [name, Number(hours) * 60]),
  ),
);

/** Words that begin a message or name a part of a program: a zone at most where the next piece of a prefix follows. */
export const WORDS_LIKE_ZONES: ReadonlySet<string> = new Set(
  (
    "ABORT ACCT ACT AFT AGENT ALERT ART AST AT AUDIT BIT BOOT BOT BURST CART CAST CAT CERT CHAT COT COUNT CRIT CRYPT " +
    "DRAFT EAT ECT EDIT EVENT EXIT FAULT FIRST GET GRANT GST GUEST HALT HINT HOST ICT INIT INPUT INT IT JWT LAST LEFT " +
    "LIMIT LIST MET MOUNT MQTT NAT NET NEXT NOT OUT PET PLANT POINT PORT POST PRINT PUT QUIT RAFT RESET REST " +
    "RIGHT ROOT SENT SET SHIFT SHUT SLOT SMART SPLIT SPOT START STAT TEST TEXT TRUST UNIT VAULT VET VISIT " +
    "WAIT WAT WIT"
  ).split(" "),
);
