// Preloaded (node --import) into programs that another program runs: standard input ends when that one is gone, whatever ended it,
// and then this one ends as well.
process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0));
process.stdin.resume();
process.stdin.unref?.();
