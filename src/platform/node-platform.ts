// Owns what Node calls this system and this processor, as in the names of its packages. It imports nothing: by it the addon
// is found that everything native goes through.

export const nodePlatform = `${process.platform}-${process.arch}`;
