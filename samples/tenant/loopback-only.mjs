// Preloaded (node --import) into a server that would listen on every address of this machine: makes it listen on 127.0.0.1 alone.
// Says where on standard output, so that the server can be given port 0.
import net from 'node:net';

const listen = net.Server.prototype.listen;

net.Server.prototype.listen = function (...args) {
  const [first, second] = args;
  const isPort = typeof first === 'number' || (typeof first === 'string' && /^\d+$/.test(first));
  const options = isPort ? { port: Number(first) } : first;
  // A pipe or a handle is no port. A host that was named is replaced like one that was not.
  if (typeof options !== 'object' || options?.port === undefined) return listen.apply(this, args);
  if (typeof second === 'number') options.backlog = second;
  this.once('listening', () => console.log(`Listening on http://127.0.0.1:${this.address().port}`));
  return listen.call(this, { ...options, host: '127.0.0.1' }, args.findLast((arg) => typeof arg === 'function'));
};
