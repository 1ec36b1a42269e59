import { styleText } from 'node:util';

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Colours a text, or returns it unchanged where colours are not wanted. */
export type Paint = (colour: Colour, text: string) => string;

export const paints = (colours: boolean): Paint =>
  colours ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_, text) => text;
