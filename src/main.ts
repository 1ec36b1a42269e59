import { run } from './commands/run.ts';

// The bot itself: the same as `webkasa-bot start`.
await run(['start', ...process.argv.slice(2)]);
