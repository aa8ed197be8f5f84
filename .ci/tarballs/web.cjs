// CommonJS may require() it, from Node 20.19 on.
const express = require('express');
const { web } = require('@kvasir/web');

express().use(web());
