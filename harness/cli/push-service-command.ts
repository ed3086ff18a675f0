export async function pushServiceCommand(_: unknown): Promise<number> {
  return 0;
}
