/** The address, channel or file that a destination names: `john@example.com` for `email:john@example.com`. */
export const recipientOf = (destination: string): string => destination.slice(destination.indexOf(':') + 1);
