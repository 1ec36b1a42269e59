import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const NEEDED = 26;

export const pathTo = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * What Node is given, as `npm start` does it. V8's default semi-space of 16 MB, of which each thread has three, makes the bot no
 * faster than this one.
 */
export const FLAGS = ['--max-semi-space-size=8', '--import', new URL('./compile-cache.js', import.meta.url).href];

/** The Node installed with the bot, or else the one running this; undefined where that is too old. */
export const findNode = () => {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const own = pathTo(`../node_modules/node/bin/${name}`);
  if (existsSync(own)) return own;
  return Number(process.versions.node.split('.')[0]) >= NEEDED ? process.execPath : undefined;
};
