/** Says of something that was asked for, or written, whether it may still be kept here when the answer comes. */
export interface Token {
  readonly text: string;
  holders: number;
}

/**
 * A token per key, for those keys only that something is under way for; revoking all of them is the epoch.
 *
 * Whoever reads or writes takes the token of its key first, and keeps locally what it learned only if that token
 * still holds. A write, a removal, a refresh and whatever else makes an answer out of date revokes it.
 */
export class Tokens {
  readonly #current = new Map<string, Token>();

  /** The token of a key. Those who take it with nothing revoked in between share one. Each has to be released. */
  take(text: string): Token {
    let token = this.#current.get(text);
    if (token === undefined) {
      token = { text, holders: 0 };
      this.#current.set(text, token);
    }
    token.holders += 1;
    return token;
  }

  holds(token: Token): boolean {
    return this.#current.get(token.text) === token;
  }

  release(token: Token): void {
    token.holders -= 1;
    if (token.holders === 0 && this.holds(token)) this.#current.delete(token.text);
  }

  /** What is under way for this key is out of date. */
  revoke(text: string): void {
    this.#current.delete(text);
  }

  /** What is under way for any key is out of date. */
  revokeAll(): void {
    this.#current.clear();
  }
}
