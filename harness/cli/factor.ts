import { InvalidArgumentError } from 'commander';

/** Reads an option's value by which times are multiplied. */
export function factor(text: string): number {
  const value = Number(text);
  if (value >= 0.01 && value <= 100) return value;
  throw new InvalidArgumentError('it must be a number from 0.01 to 100');
}
