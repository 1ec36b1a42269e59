import { startLean } from './runtime/lean.ts';

startLean(process.env);
const { run } = await import('./commands/run.ts');

await run(process.argv.slice(2));
