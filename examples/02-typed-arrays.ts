// Numbers by the million, as bytes and not as text.
import assert from 'node:assert/strict';
import { codec, connect, Namespace, ndarray } from '../src/index.js';

const redis = connect(process.env['REDIS_URL'] ?? 'memory:');
const me = new Namespace(redis, { processType: 'example-arrays' });

// An NdArray is a plain object: a NumPy dtype, the sizes of its axes, and a typed array. Nothing is copied here.
const frame = ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
assert.deepEqual(Object.keys(frame), ['dtype', 'shape', 'data']);

const image = me.value('image', { value: codec.ndarray('float64') });
await image.set(frame);
const back = await image.get();
console.log('an image of', back?.dtype, 'and shape', back?.shape, 'came back');
assert.deepEqual(back, frame);

// The bytes are a .npy file, so that Python needs nothing but NumPy:
//
//   >>> import io, numpy as np, redis
//   >>> np.load(io.BytesIO(redis.Redis().get('HOSTNAME:example-arrays:PID:image')))
//   array([[1., 2., 3.],
//          [4., 5., 6.]])
const file = codec.ndarray('float64').encode(frame);
console.log('in Redis it is a file that starts with', JSON.stringify(file.toString('latin1', 1, 6)));
assert.equal(file.toString('latin1', 1, 6), 'NUMPY');

// A typed array alone is its bytes and nothing else: np.frombuffer(…, dtype='float32').
const waveforms = me.list('waveforms', { value: codec.typedArray(Float32Array) });
await waveforms.push(Float32Array.of(0, 0.5, 1), Float32Array.of(1, 0.5, 0));
const last = await waveforms.at(-1);
console.log('the last waveform is', last);
assert.deepEqual(last, Float32Array.of(1, 0.5, 0));

// Without a codec, typed arrays keep their type inside of other values as well.
const calibration = me.value<{ pedestal: Uint16Array; mask: Uint8Array }>('calibration');
await calibration.set({ pedestal: Uint16Array.of(900, 905), mask: Uint8Array.of(1, 0) });
assert.deepEqual(await calibration.get(), { pedestal: Uint16Array.of(900, 905), mask: Uint8Array.of(1, 0) });

// What is mostly zeros shrinks.
const sparse = ndarray(new Uint16Array(512 * 1024), [512, 1024]);
const compressed = codec.compressed(codec.ndarray('uint16'));
console.log('a dark frame of', sparse.data.byteLength, 'bytes takes', compressed.encode(sparse).length, 'compressed');
assert.ok(compressed.encode(sparse).length < 10_000);

await me.clear();
redis.disconnect();
