/**
 * How large the rate of something can be that was seen so often in so many independent trials: the upper end of the
 * one-sided interval of Clopper and Pearson, the largest rate at which seeing no more than that is still as likely as
 * `1 - confidence`. With nothing seen it is about 3 in the number of trials at 95 %.
 *
 * @param seen whole number, at most `trials`.
 * @returns from 0 to 1; 1 when nothing was tried.
 */
export function upperBound(seen: number, trials: number, confidence: number): number {
  if (trials === 0 || seen >= trials) return 1;
  const likely = 1 - confidence;
  if (seen === 0) return 1 - likely ** (1 / trials);
  let [low, high] = [seen / trials, 1];
  // Each step halves the interval: after so many it is as narrow as numbers go.
  for (let step = 0; step < 60; step += 1) {
    const rate = (low + high) / 2;
    if (atMost(seen, trials, rate) > likely) low = rate;
    else high = rate;
  }
  return high;
}

/** How likely no more than `seen` of `trials` is at a rate strictly between 0 and 1, by logarithms lest terms vanish. */
function atMost(seen: number, trials: number, rate: number): number {
  let logarithm = trials * Math.log1p(-rate);
  let sum = Math.exp(logarithm);
  for (let count = 1; count <= seen; count += 1) {
    logarithm += Math.log((trials - count + 1) / count) + Math.log(rate) - Math.log1p(-rate);
    sum += Math.exp(logarithm);
  }
  return sum;
}
