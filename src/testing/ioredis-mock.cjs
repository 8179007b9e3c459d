'use strict';

// The build makes one file of this and of all that it needs, for both module systems: see tsup.config.ts.
module.exports = { RedisMock: require('ioredis-mock') };
