/**
 * Makes all files that this process and its threads create readable by their own user alone: nearly all hold attendee data.
 * To let others read a folder, set a default ACL on it, which takes precedence over the umask.
 */
export const keepFilesPrivate = (): void => {
  process.umask(0o077);
};
