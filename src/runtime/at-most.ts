/** Waits until work has settled, either way, but no longer than so many milliseconds. Never rejects. */
export const atMost = async (milliseconds: number, work: Promise<unknown> | undefined): Promise<void> => {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, milliseconds);
  await Promise.race([work?.catch(() => {}), late.promise]);
  clearTimeout(timer);
};
