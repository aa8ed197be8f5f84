#!/usr/bin/env node
import { main } from '@kvasir/cli';

process.exitCode = await main(process.argv.slice(2));
