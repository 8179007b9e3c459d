/**
 * A codec throws this where it lacks a part of the package that is loaded when it is first needed. It does not reach
 * users: the reader of a reply loads the part, and reads the same reply again.
 */
export class NotLoaded extends Error {
  constructor(readonly load: () => Promise<unknown>) {
    super('A part of the package has to be loaded first');
    this.name = 'NotLoaded';
  }
}

/** Returns the result of `read`, or a promise of it where a part has to be loaded first; `read` then runs again. */
export function readLoading<T>(read: () => T): T | Promise<T> {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NotLoaded)) throw error;
    return error.load().then(() => readLoading(read));
  }
}
