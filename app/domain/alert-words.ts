import { CHECK_TITLES, isCheckName } from './doctor-words.ts';

/** How people tell a connection: by its number, or as the pixel of a dataset. */
export function connectionName(connection: { displayNumber: string | null; datasetId: string }): string {
  return connection.displayNumber ?? `Pixel ${connection.datasetId}`;
}

/** What an alert is about, in two or three words. Names that are no check's read well as they are. */
export function alertTitle(name: string): string {
  if (isCheckName(name)) return CHECK_TITLES[name];
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
