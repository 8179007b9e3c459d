import * as fc from 'fast-check';

/**
 * The seed of the property tests on CI, where the same commit has to have the same outcome. Everywhere else each run
 * tries new cases; a failure names the seed that repeats it, which `FC_SEED` takes.
 */
const CI_SEED = 20_261_121;

const given = process.env['FC_SEED'];
if (given !== undefined) fc.configureGlobal({ seed: Number(given) });
else if (process.env['CI']) fc.configureGlobal({ seed: CI_SEED });
