// Stands in for the stores that keep files, which workerd has nowhere to put.

function unavailable(): never {
  throw new Error("workerd keeps no files");
}

export const fileStore = unavailable;
export const sqliteStore = unavailable;
