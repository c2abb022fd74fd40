/** The commonest reason for which an address with a password cannot be read, or leads elsewhere. */
export const SIGNS_IN_PASSWORDS = "signs such as @, / and # in a password are written %40, %2F and %23";
