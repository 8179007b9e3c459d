import { z } from 'zod';

/** The schema of a state object, such as the settings of a detector. */
export const StateSchema = z.object({
  run: z.number().int(),
  experiment: z.string(),
  active: z.boolean(),
  started: z.string(),
  thresholds: z.array(z.number()),
  detectors: z.array(
    z.object({
      name: z.string(),
      shape: z.tuple([z.number(), z.number()]),
      gain: z.number(),
      masked: z.array(z.number()),
      mode: z.enum(['high', 'medium', 'low']),
    }),
  ),
  labels: z.record(z.string(), z.string()),
});

export type State = z.infer<typeof StateSchema>;

/** Makes an object that takes 841 bytes of JSON. */
export function makeState(): State {
  const detector = (name: string, i: number): State['detectors'][number] => ({
    name,
    shape: [185, 388],
    gain: 0.25 * (i + 1),
    masked: [i, 2 * i + 7, 100 + i],
    mode: i % 2 === 0 ? 'high' : 'low',
  });
  const state: State = {
    run: 1742,
    experiment: 'cxi-2026-11',
    active: true,
    started: '2026-11-03T08:15:00.000Z',
    thresholds: [0.5, 1.25, 9.75, 100.5, 1000.125],
    detectors: ['cspad', 'epix100', 'jungfrau', 'opal', 'rayonix'].map(detector),
    labels: { hutch: 'CXI', laser: 'on', operator: 'night shift', note: '' },
  };
  state.labels['note'] = 'x'.repeat(841 - JSON.stringify(state).length);
  return state;
}
