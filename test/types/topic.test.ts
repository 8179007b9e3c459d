import { expect, test } from 'vitest';
import { messages } from './compile.js';

const START = `import { codec, Namespace, RedisTopic, type TopicSubscription } from 'redimap';
declare const me: Namespace;
const topic = me.topic('counts', { value: codec.int });
const peer = me.peer({ processType: 'worker', id: 1 }).topic('counts', { value: codec.int });
`;
const complaints = (code: string): string[] => messages(START + code);

test('what a topic carries is typed', () => {
  expect(
    complaints(`
      const same: RedisTopic<string> = new RedisTopic<string>(me, 'alarms');
      const receivers: number = await topic.publish(1);
      const subscription: TopicSubscription<number> = topic.subscribe({ buffer: { size: 5, policy: 'error' } });
      await subscription.ready;
      for await (const count of peer.subscribe()) { const is: number = count; }
      const unknowns: AsyncIterable<unknown> = me.topic('any').subscribe();`),
  ).toEqual([]);
});

test.each([
  ['other values are not published', "await topic.publish('1');", 'not assignable'],
  ['a peer does not publish', 'await peer.publish(1);', "Property 'publish' does not exist"],
  ['a policy is one of two', "topic.subscribe({ buffer: { policy: 'newest' } });", 'not assignable'],
  ['gaps are not set', 'topic.subscribe().gaps = 0;', 'read-only'],
  ['a batch does not take it', 'me.batch((batch) => void batch.on(topic));', 'not assignable'],
])('%s', (_title, code, said) => {
  expect(complaints(code).join()).toContain(said);
});
