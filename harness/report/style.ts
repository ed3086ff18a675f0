import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours a text for a terminal, or leaves it alone. */
export type Style = (format: Format, text: string) => string;

/** Colour only on a terminal, and never against NO_COLOR. */
export function styleFor(
  stream: { readonly isTTY?: boolean },
  environment: NodeJS.ProcessEnv = process.env,
): Style {
  const isColoured = stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
  return isColoured
    ? (format, text) => styleText(format, text, { validateStream: false })
    : (_, text) => text;
}
