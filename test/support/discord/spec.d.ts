/** The package says that its types are in its JavaScript, where there are none. */
declare module "discord-api-spec/zod" {
  const schemas: Readonly<Record<string, import("zod").ZodType>>;
  export = schemas;
}
