// CommonJS may require() it, from Node 20.19 on.
const { createCache } = require('@kvasir/core');

if (typeof createCache !== 'function') process.exit(1);
