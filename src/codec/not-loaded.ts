/**
 * What a codec throws where it lacks a part of the package that is loaded when it is first needed. It does not reach
 * users: whoever reads a reply has the part loaded, and reads the same reply again.
 */
export class NotLoaded extends Error {
  constructor(readonly load: () => Promise<unknown>) {
    super('A part of the package has to be loaded first');
    this.name = 'NotLoaded';
  }
}

/** What `read` returns, or the promise of it where something has to be loaded first; `read` then runs again. */
export function readLoading<T>(read: () => T): T | Promise<T> {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NotLoaded)) throw error;
    return error.load().then(() => readLoading(read));
  }
}
