/** Says whether the result of a read or write may still be cached when the reply comes. */
export interface Token {
  readonly text: string;
  holders: number;
}

/**
 * A token for each key with a read or write in flight; revoking all of them begins a new epoch.
 *
 * A read or write takes the token of its key first, and caches its result only if that token is still valid. A write, a
 * removal, a refresh and everything else that makes a result stale revokes the token.
 */
export class Tokens {
  readonly #current = new Map<string, Token>();

  /** Takes the token of a key, shared by all who take it until it is revoked. Each has to release it. */
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

  /** Revokes the token of a key: results in flight are stale. */
  revoke(text: string): void {
    this.#current.delete(text);
  }

  /** Revokes the tokens of all keys. */
  revokeAll(): void {
    this.#current.clear();
  }
}
