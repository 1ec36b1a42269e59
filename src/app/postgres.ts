/**
 * Everything that the application uses of the PostgreSQL adapter, as one module that is imported only where DATABASE_URL is set:
 * with its driver it takes as much memory as a SQLite store.
 */
export { openQueue } from '../store/postgres/boss.ts';
export {
  checkDump,
  dumpDatabase,
  isDatabaseFilled,
  isDatabaseUsed,
  restoreDump,
} from '../store/postgres/keeping-dump.ts';
export { openMoveTarget, scourDatabase } from '../store/postgres/keeping-move.ts';
export { openLine } from '../store/postgres/line.ts';
export { createNews } from '../store/postgres/news.ts';
export { reachDatabase } from '../store/postgres/reach.ts';
export { openPostgresStore } from '../store/postgres/store.ts';
export { createTeamRows } from '../store/postgres/team-document.ts';
