const names = new WeakMap<object, string>();

/** The codec, which is called so where people look at what uses it. */
export function named<C extends object>(codec: C, name: string): C {
  names.set(codec, name);
  return codec;
}

/** How a codec is written in code; of one that somebody else made, that it is. */
export function nameOf(codec: object): string {
  return names.get(codec) ?? 'a codec of your own';
}
