/** Orders names as Redis and every other language would: by UTF-16 units, whatever the locale. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** How many arrays and objects of parameters may be inside each other. */
export const MAX_PARAMETER_DEPTH = 32;
