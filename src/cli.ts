import { startLean } from './runtime/lean.ts';
import { keepFilesPrivate } from './runtime/private-files.ts';

keepFilesPrivate();
startLean(process.env);
const { run } = await import('./commands/run.ts');

await run(process.argv.slice(2));
