/*
 * Loaded into a bot that a test starts (`node --import`): what it sends to the Sheets API goes to GOOGLE_STAND_IN. Google's
 * address is no setting, since nobody else has that API.
 */
const standIn = process.env.GOOGLE_STAND_IN;
const send = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  const isGoogle = url.origin === 'https://sheets.googleapis.com';
  return send(isGoogle ? new URL(`${url.pathname}${url.search}`, standIn) : input, init);
};
