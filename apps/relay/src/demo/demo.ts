export async function demo(): Promise<void> {
  throw new Error('the demo is not there yet');
}
