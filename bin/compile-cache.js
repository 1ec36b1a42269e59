/*
 * Loaded before the bot (`node --import`), in plain JavaScript: so the compile cache is on when the first TypeScript file is
 * read, and what strips types, some ten megabytes, is not loaded at all once everything is cached.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Threads learn of it from the environment only.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/webkasa-bot', import.meta.url));
enableCompileCache(process.env.NODE_COMPILE_CACHE);
