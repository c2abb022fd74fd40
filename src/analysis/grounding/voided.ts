interface Language {
  verbs: string;
  told: string;
  /** Its verbs stand behind what they are about. */
  isVerbLast?: boolean;
}

/**
 * How languages say that what was told before is void: what to do with it, as an order, and with what. Latin letters stand without
 * their marks, as texts are read. English is looked at more closely elsewhere, because most lines are in it.
 */
const LANGUAGES: readonly Language[] = [
  // German
  {
    verbs: "ignorier\\w*|vergiss|vergesst|missachte\\w*|uebergeh\\w*|ubergeh\\w*|verwirf",
    told: "anweisung|anordnung|instruktion|regeln|vorgaben|vorherig|bisherig|obige|alles davor|alles bisher",
  },
  // French
  {
    verbs: "ignore[rz]?|oublie[rz]?|negligez?|ne tiens? pas compte|ne tenez pas compte",
    told: "instructions? |instructions$|consignes|directives|regles|precedent",
  },
  // Spanish, Portuguese, Catalan, Galician
  {
    verbs: "ignora[r]?|ignore|ignorad|olvida[rd]?|olvide|omite|descarta|esqueca|esquecer|desconsidere|oblida",
    told: "instruccion|instruccions|instrucoes|instruc\\w*es|reglas|regras|todo lo anterior|anteriores|indicaciones|directrices|ordenes",
  },
  // Italian, Romanian
  {
    verbs: "ignora(?:re|te)?|ignori|dimentica(?:re|te)?|tralascia|uita",
    told: "istruzioni|regole|indicazioni|direttive|instructiunile|regulile|anterioare",
  },
  // Dutch, Afrikaans
  {
    verbs: "negeer|negeert|vergeet|sla|ignoreer|verwaarloos",
    told: "instructies?|opdrachten|aanwijzingen|voorschriften|regels|richtlijnen|bevelen|instruksies",
  },
  // Swedish, Norwegian, Danish
  {
    verbs: "ignorera|ignorer|glom|glem|bortse fran|se bort fra",
    told: "instruktion|instruks|anvisning|forhallningsregler",
  },
  // Polish, Czech, Slovak
  {
    verbs:
      "(?:z)?ignoruj(?:cie|te)?|pomin(?:cie)?|zapomnij(?:cie)?|zapomen(?:te)?|zabudni(?:te)?|nie zwazaj|odrzuc",
    told: "polece[nc]|instrukcj|instrukc|zasad|regul|wytyczn|wskazow|pokyn|pravid|prikaz",
  },
  // Turkish
  {
    verbs: "yok say\\w*|gormezden gel\\w*|dikkate alma\\w*|unut\\w*|goz ardi et\\w*|bosver\\w*",
    told: "talimat|komut|kural|yonerge|emir|yonlendirme",
    isVerbLast: true,
  },
  // Indonesian, Malay; Vietnamese
  {
    verbs: "abaikan|lupakan|bo qua|quen di|phot lo",
    told: "instruksi|perintah|arahan|aturan|huong dan|chi dan|chi thi|quy tac|menh lenh",
  },
  // Hungarian, Finnish
  {
    verbs: "hagyd figyelmen kivul|felejtsd el|unohda|jata huomiotta|sivuuta",
    told: "utasitas|szabaly|ohjeet|ohjeita|ohjeista|saannot|saantoja",
    isVerbLast: true,
  },
  // Russian, Ukrainian, Bulgarian, Serbian
  {
    verbs:
      "(?:про|за)?игнорируй\\S{0,12}|забудь\\S{0,12}|не (?:учитывай|обращай внимания|следуй)\\S{0,12}|отбрось\\S{0,12}|(?:про)?ігноруй\\S{0,12}|не (?:зважай|враховуй|дотримуйся)\\S{0,12}|відкинь\\S{0,12}|игнорирай\\S{0,12}|забрави|занемари\\S{0,12}|игнориши\\S{0,12}",
    told: "инструкци|правил|предыдущ|указани|предписани|распоряжени|команды|приказ|інструкці|попередн|вказівк|настанов|розпоряджен|наказ|предишн|упутств|претходн",
  },
  // Greek
  {
    verbs: "αγνοησ\\S{0,12}|αγνόησ\\S{0,12}|ξέχασ\\S{0,12}|ξεχασ\\S{0,12}",
    told: "οδηγί|οδηγι|εντολ|κανόν|κανον",
  },
  // Arabic, Persian, Urdu
  {
    verbs:
      "تجاهل\\S{0,12}|[اأإ]?نس[ىَي]?|[اأ]همل\\S{0,12}|لا تتبع\\S{0,12}|نادیده بگیر\\S{0,12}|فراموش کن\\S{0,12}|نظر\\s?انداز",
    told: "تعليمات|التعليمات|[اأ]وامر|ال[اأ]وامر|قواعد|القواعد|توجيهات|التوجيهات|[إا]رشادات|ال[إا]رشادات|دستور|قوانین|ہدایات",
    isVerbLast: true,
  },
  // Hebrew
  {
    verbs:
      "ת?תעל[םמ]\\S{0,12}|הת?על[םמ]\\S{0,12}|התעלמ\\S{0,12}|שכח\\S{0,12}|תשכח\\S{0,12}|אל תתייחס\\S{0,12}",
    told: "הוראות|הנחיות|כללים|פקודות|חוקים|הקודמות",
  },
  // Hindi, Marathi, Nepali; Bengali
  {
    verbs: "अनदेखा|अनदेखी|नज़?रअ[ंन]?दाज़?|नज़?र\\s?अ[ंन]?दाज़?|भूल\\s?जा\\S{0,12}|दुर्लक्ष|उपेक्षा|উপেক্ষা|ভুলে যা\\S{0,12}",
    told: "निर्देश|आदेश|नियम|हिदायत|अनुदेश|सूचना|নির্দেশ|নিয়ম",
    isVerbLast: true,
  },
  // Chinese, Japanese, Korean, Thai
  {
    verbs: "忽略|无视|無視|忘记|忘掉|忘れ|不要理会|不理会|무시|잊어|ละเว้น|เพิกเฉย|ไม่ต้องสนใจ|ลืม",
    told: "指示|指令|规则|規則|之前的|以上的|以上内容|先前的|提示词|ルール|命令|지시|명령|규칙|지침|คำสั่ง|คำแนะนำ",
    isVerbLast: true,
  },
];

/** Of other letters what a word ends with is not asked: they have endings, or no spaces. */
const LATIN = /^[\x00-\x7f]+$/;

const VOIDED: readonly RegExp[] = LANGUAGES.flatMap(({ verbs, told, isVerbLast }) => {
  const isLatin = LATIN.test(verbs + told);
  const verb = isLatin ? `\\b(?:${verbs})\\b` : `(?:${verbs})`;
  const what = isLatin ? `\\b(?:${told})\\w{0,12}` : `(?:${told})`;
  return [`${verb}.{0,40}?${what}`, ...(isVerbLast ? [`${what}.{0,40}?${verb}`] : [])].map(
    (pattern) => new RegExp(pattern, "iu"),
  );
});

/** Whether a text says, in any of these languages, that what was told before is void. */
export function voidsWhatWasTold(text: string): boolean {
  return VOIDED.some((pattern) => pattern.test(text));
}
