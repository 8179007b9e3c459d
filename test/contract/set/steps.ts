import fc from 'fast-check';
import type { RedisSet } from '../../../src/index.js';
import { callsOf, nothing } from '../../support/differential.js';
import { sorted } from '../subject.js';
import { ALGEBRA, reference } from './reference.js';

type Model = Set<string>;
const call = callsOf<RedisSet<string>, Model>();

const member = fc.constantFrom('a', 'b', 'c', 'd', '', '😀', '\uFFFF', '0', '1');
const members = fc.array(member, { maxLength: 5 });

function replace(model: Model, next: Iterable<string>): void {
  const all = [...next];
  model.clear();
  for (const one of all) model.add(one);
}

const algebra = fc.constantFrom(...ALGEBRA);
const UPDATES = {
  addAll: (own: Model, other: Model) => reference.union(own, other),
  deleteAll: (own: Model, other: Model) => reference.difference(own, other),
  retainAll: (own: Model, other: Model) => reference.intersection(own, other),
  toggleAll: (own: Model, other: Model) => reference.symmetricDifference(own, other),
};
const update = fc.constantFrom(...(Object.keys(UPDATES) as (keyof typeof UPDATES)[]));
const plain = (result: unknown): unknown => (result instanceof Set ? sorted(result) : result);

export const setSteps = fc.oneof(
  call(
    'add',
    member,
    async (set, one) => void (await set.add(one)),
    (model, one) => void model.add(one),
    4,
  ),
  call(
    'addMany',
    members,
    async (set, all) => void (await set.addMany(all)),
    (model, all) => replace(model, [...model, ...all]),
    4,
  ),
  call(
    'has',
    member,
    (set, one) => set.has(one),
    (model, one) => model.has(one),
    4,
  ),
  call(
    'hasMany',
    members,
    (set, all) => set.hasMany(all),
    (model, all) => all.map((one) => model.has(one)),
    4,
  ),
  call(
    'delete',
    member,
    (set, one) => set.delete(one),
    (model, one) => model.delete(one),
    4,
  ),
  call(
    'size',
    nothing,
    (set) => set.size,
    (model) => model.size,
    4,
  ),
  call(
    'toSet',
    nothing,
    async (set) => sorted(await set.toSet()),
    (model) => sorted(model),
    4,
  ),
  call(
    'sample of all',
    nothing,
    async (set) => sorted(await set.sample(100)),
    (model) => sorted(model),
    4,
  ),
  call(
    'in place',
    fc.tuple(update, fc.array(members, { maxLength: 3 })),
    async (set, [name, others]) => void (await set[name](...others)),
    (model, [name, others]) => {
      for (const other of others) replace(model, UPDATES[name](model, new Set(other)));
    },
    4,
  ),
  call(
    'in place, with itself',
    update,
    async (set, name) => void (await set[name](set)),
    (model, name) => replace(model, UPDATES[name](model, new Set(model))),
    4,
  ),
  call(
    'algebra',
    fc.tuple(algebra, members),
    async (set, [name, other]) => plain(await set[name](new Set(other))),
    (model, [name, other]) => plain(reference[name](model, new Set(other))),
    4,
  ),
  call(
    'algebra, with itself',
    algebra,
    async (set, name) => plain(await set[name](set)),
    (model, name) => plain(reference[name](model, model)),
    4,
  ),
  call(
    'clear',
    nothing,
    (set) => set.clear(),
    (model) => model.clear(),
  ),
);
