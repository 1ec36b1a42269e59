/**
 * What this process and its threads write from now on is for its own user alone: nearly all of it tells of attendees. Where
 * a folder is to be read by others too, a default ACL on it goes before this.
 */
export const keepFilesPrivate = (): void => {
  process.umask(0o077);
};
