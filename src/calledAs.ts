/** In a clone npm runs the sources; what is built and installed has a command of its own. */
export const IS_BUILT = import.meta.url.includes("/dist/");

/** What a person types to have this program do something, where it runs now. */
export function calledAs(command: "start" | "migrate" | "reencrypt", ...options: string[]): string {
  if (IS_BUILT) return ["loghunter", command, ...options].join(" ");
  const script = command === "start" ? "npm start" : `npm run ${command}`;
  return [script, ...(options.length === 0 ? [] : ["--", ...options])].join(" ");
}
