const names = new WeakMap<object, string>();

/** Gives a codec the name that `console.log` of a collection shows. Returns the codec. */
export function named<C extends object>(codec: C, name: string): C {
  names.set(codec, name);
  return codec;
}

/** Returns the expression that made a codec, or says that it is one of the user's own. */
export function nameOf(codec: object): string {
  return names.get(codec) ?? 'a codec of your own';
}
