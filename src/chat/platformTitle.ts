/** What people call a platform: by its name as a place has it, with a capital letter. */
export function platformTitle(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
