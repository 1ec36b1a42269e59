import { startLean } from './runtime/lean.ts';
import { keepFilesPrivate } from './runtime/private-files.ts';

keepFilesPrivate();
startLean(process.env);
const { run } = await import('./commands/run.ts');

// The bot itself: the same as `webkasa-bot start`.
await run(['start', ...process.argv.slice(2)]);
