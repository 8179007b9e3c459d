/**
 * Remembers texts by a fingerprint of 64 bits, in 16 to 32 bytes each instead of the text itself.
 *
 * Two of n texts collide with a probability of n² / 2^65: once in 37 million iterations over a million entries. The
 * seeds are random, so that nobody can choose colliding texts.
 */
export class FingerprintSet {
  readonly #seedA = (Math.random() * 2 ** 32) >>> 0;
  readonly #seedB = (Math.random() * 2 ** 32) >>> 0;
  #slots = new Uint32Array(2 * 256);
  #size = 0;

  /** Adds a text. Returns false when it was there. */
  add(text: string): boolean {
    if (this.#size * 4 >= this.#slots.length) this.#grow();
    let a = this.#seedA ^ text.length;
    let b = this.#seedB ^ text.length;
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      a = Math.imul(a ^ unit, 0x9e3779b1);
      a ^= a >>> 15;
      b = Math.imul(b ^ unit, 0x85ebca77);
      b ^= b >>> 13;
    }
    a = Math.imul(a ^ (b >>> 16), 0xc2b2ae3d);
    b = Math.imul(b ^ (a >>> 15), 0x27d4eb2f);
    // Zero stands for a free slot.
    return this.#put((a ^ (a >>> 13)) >>> 0 || 1, (b ^ (b >>> 16)) >>> 0);
  }

  #put(a: number, b: number): boolean {
    const slots = this.#slots;
    const mask = slots.length / 2 - 1;
    for (let place = a & mask; ; place = (place + 1) & mask) {
      const here = slots[2 * place];
      if (here === 0) {
        slots[2 * place] = a;
        slots[2 * place + 1] = b;
        this.#size += 1;
        return true;
      }
      if (here === a && slots[2 * place + 1] === b) return false;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    this.#size = 0;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] !== 0) this.#put(old[i] as number, old[i + 1] as number);
    }
  }
}
