import type { Redis } from 'ioredis';

/** The lease that processes contend for. */
export interface LeaseScene {
  readonly port: number;
  readonly hostname: string;
  readonly name: string;
  readonly ttl: number;
}

/**
 * The resource that a lease protects: it refuses all tokens below the greatest that it has seen. It keeps a log of all attempts in
 * their order, and counts the tokens that it has accepted.
 */
const WRITE = `local fence = tonumber(redis.call('hget', KEYS[1], 'fence') or '0')
local token = tonumber(ARGV[1])
redis.call('rpush', KEYS[2], ARGV[1] .. ' ' .. (token < fence and 'refused' or 'accepted'))
if token > fence then
  redis.call('hset', KEYS[1], 'fence', ARGV[1])
  redis.call('hincrby', KEYS[1], 'terms', 1)
end
return tonumber(redis.call('hget', KEYS[1], 'terms'))`;

/** Writes with a token, whether that is accepted or not; returns how many were accepted so far. */
export async function write(client: Redis, key: string, token: number): Promise<number> {
  return Number(await client.eval(WRITE, 2, `{${key}}resource`, `{${key}}log`, token));
}

/** An attempt to write. */
export interface Attempt {
  readonly token: number;
  readonly accepted: boolean;
}

/** All attempts, in the order in which they reached what is protected. */
export async function attempts(client: Redis, key: string): Promise<Attempt[]> {
  const lines = await client.lrange(`{${key}}log`, 0, -1);
  return lines.map((line) => {
    const [token, outcome] = line.split(' ');
    return { token: Number(token), accepted: outcome === 'accepted' };
  });
}
