import { connectPixel } from '../../app/pipeline/connect-pixel.ts';
import type { ConnectionId } from '../../app/domain/ids.ts';
import type { Connection, Tieback } from './tieback.ts';

export const PIXEL = { datasetId: '884400112233445', token: 'EAApixel-token-of-the-tests' };

/** Connects the pixel of a shop, which the pretend Meta then knows too. */
export async function addPixel(
  { pipeline, meta }: Tieback,
  { shopId }: Connection,
  pixel = PIXEL,
): Promise<ConnectionId> {
  meta.addPixel(pixel);
  const outcome = await connectPixel(pipeline, shopId, pixel);
  if (outcome.kind !== 'pixel_connected') throw new Error(JSON.stringify(outcome));
  return outcome.connectionId;
}
