/** What data for a model of masks is to be. */
export const MASKS_WANTED =
  'choose a folder with the images in images/ and, under the same names, their masks in masks/, a .npz with x [n, rows, columns, channels] and y [n, rows, columns], or the embedded data';
